import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { main, Terminal } from '@mica/cli'
import { runAttacks } from './attacks/attack-run.ts'
import { readSummary } from './realms/summary.ts'

const here = (file: string): string => relative(process.cwd(), fileURLToPath(new URL(file, import.meta.url)))

const policy = here('./pipeline.mica')
const clip = here('./clip.avi')
const output = here('./out/moderated.avi')
const evidence = here('./out/report.cbor')
const trace = here('./out/trace.jsonl')

const terminal = new Terminal(process.stdout, process.stderr)
const { style } = terminal

mkdirSync(dirname(output), { recursive: true })
process.exitCode = await main(
  ['run', policy, '--input', clip, '--output', output, '--evidence', evidence, '--trace', trace],
  terminal,
)
if (process.exitCode === 0) {
  describeResult(readFileSync(output))
  await describeAttacks(readFileSync(clip))
}

/** What the moderator said it did, frame by frame, in a few lines. */
function describeResult(avi: Uint8Array): void {
  const summary = readSummary(avi)
  if (summary === undefined) return
  const { input, output: made, pixelated, reports } = summary
  terminal.out(
    `  ${input.frames} frames of ${input.width}x${input.height} in, ${made.frames} of ${made.width}x${made.height} out, ${pixelated} pixelated`,
  )
  const strip = reports.map((report) => (report.pixelated ? '#' : '.')).join('')
  terminal.out(`  frame by frame (# pixelated): ${strip.slice(0, 60)}`)
  for (let at = 60; at < strip.length; at += 60)
    terminal.out(`                                ${strip.slice(at, at + 60)}`)
}

async function describeAttacks(input: Uint8Array): Promise<void> {
  terminal.out()
  terminal.out(
    style.bold(
      'attacks   the same group with an encoder that leaks whatever it can, accepted by the verifier all the same',
    ),
  )
  for (const { attack, stopped, by } of await runAttacks(policy, input)) {
    terminal.out(`  ${stopped ? style.green('stopped') : style.red('NOT STOPPED')}  ${attack}`)
    terminal.out(`           by ${by}`)
    if (!stopped) process.exitCode = 1
  }
}
