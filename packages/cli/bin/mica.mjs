#!/usr/bin/env node
// Starts the command: from `dist` where the package is installed, from TypeScript source in a checkout.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const source = new URL('../src/mica.ts', import.meta.url)
const inCheckout = existsSync(new URL('../../../tsconfig.base.json', import.meta.url)) && existsSync(source)

if (!inCheckout) {
  await import('../dist/mica.js')
} else {
  const tsx = import.meta.resolve('tsx')
  const child = spawn(
    process.execPath,
    ['--conditions=mica-source', '--import', tsx, fileURLToPath(source), ...process.argv.slice(2)],
    { stdio: 'inherit' },
  )
  // A signal sent to this process alone must end the run too; one from the terminal reaches both anyway.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 2) : signal === 'SIGINT' ? 130 : 143
  })
}
