import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ShutdownRequest,
} from 'vscode-languageserver/node'
import { pipelines } from '../../dsl/bench/material/workflows.ts'

/** One measured figure. */
interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
}

const COMMAND = fileURLToPath(new URL('../bin/mica-language-server.mjs', import.meta.url))
const URI = 'untitled:bench.mica'
const KEYSTROKES = 60

/** Measures how long after a keystroke the editor knows what is wrong: over the protocol, with the server a process of its own. */
export async function rows(): Promise<readonly BenchRow[]> {
  const child = spawn(process.execPath, [COMMAND, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const connection = createProtocolConnection(child.stdout, child.stdin)
  let told: ((count: number) => void) | undefined
  connection.onNotification(PublishDiagnosticsNotification.type, ({ diagnostics }) => told?.(diagnostics.length))
  const published = (): Promise<number> =>
    new Promise((resolve) => {
      told = resolve
    })
  connection.listen()
  const hello = { processId: process.pid, rootUri: null, workspaceFolders: null, capabilities: {} }
  await connection.sendRequest(InitializeRequest.type, hello)
  await connection.sendNotification(InitializedNotification.type, {})

  const text = pipelines(64, 8)
  const lines = text.split('\n')
  const line = lines.findIndex((each) => each.includes('channel c40 '))
  const character = lines[line]?.indexOf('-> p41') ?? 0
  const opened = published()
  const textDocument = { uri: URI, languageId: 'mica', version: 1, text }
  await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument })
  if ((await opened) !== 0) throw new Error('the benchmark is wrong: its workflow has problems')

  const times: number[] = []
  for (let count = 0; count < KEYSTROKES; count++) {
    // A letter is typed at the end of the peer's name, and deleted again.
    const typing = count % 2 === 0
    const [start, end] = [character + '-> p41'.length, character + '-> p41'.length + (typing ? 0 : 1)]
    const range = { start: { line, character: start }, end: { line, character: end } }
    const begun = performance.now()
    const answer = published()
    await connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: URI, version: count + 2 },
      contentChanges: [{ range, text: typing ? 'x' : '' }],
    })
    if ((await answer) > 0 !== typing) throw new Error('the benchmark is wrong: a problem is missing')
    times.push(performance.now() - begun)
  }
  await connection.sendRequest(ShutdownRequest.type)
  await connection.sendNotification(ExitNotification.type)
  connection.dispose()
  return [{ name: 'lsp.keystroke_to_diagnostics_ms', value: median(times), unit: 'ms' }]
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}
