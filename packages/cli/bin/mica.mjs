#!/usr/bin/env node
// Starts the command: from `dist` where the package is installed, from TypeScript source in a checkout.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const source = new URL('../src/mica.ts', import.meta.url)
const inCheckout = existsSync(new URL('../../../tsconfig.base.json', import.meta.url)) && existsSync(source)

// `npx` runs a command of a workspace in that workspace's folder; paths are meant from where the person stands.
const { npm_command: npmCommand, INIT_CWD: startedIn } = process.env
if (npmCommand === 'exec' && startedIn !== undefined) process.chdir(startedIn)

if (inCheckout) runFromSource()
else await import('../dist/mica.js')

function runFromSource() {
  let child
  // A signal sent to this process alone must end the run too; one from the terminal reaches both anyway. Listening
  // before there is a child, so that no signal can end this process and leave the child.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child?.kill(signal))
  child = spawn(
    process.execPath,
    [
      '--conditions=mica-source',
      '--import',
      import.meta.resolve('tsx'),
      fileURLToPath(source),
      ...process.argv.slice(2),
    ],
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
