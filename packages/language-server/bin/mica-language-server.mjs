#!/usr/bin/env node
// Starts the server: from `dist` where the package is installed, from TypeScript source in a checkout.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const source = new URL('../src/main.ts', import.meta.url)
const inCheckout = existsSync(new URL('../../../tsconfig.base.json', import.meta.url)) && existsSync(source)

if (inCheckout) runFromSource()
else await import('../dist/main.js')

function runFromSource() {
  let child
  // Whoever ends this process means the server.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child?.kill(signal))
  child = spawn(
    process.execPath,
    ['--conditions=mica-source', '--import', import.meta.resolve('tsx'), fileURLToPath(source), '--stdio'],
    // No cache of transpiled modules: a run leaves nothing in the temporary directory.
    { stdio: 'inherit', env: { ...process.env, TSX_DISABLE_CACHE: '1' } },
  )
  child.on('error', (error) => {
    console.error(`error: cannot start node: ${error.message}`)
    process.exitCode = 2
  })
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 2) : 128 + constants.signals[signal]
  })
}
