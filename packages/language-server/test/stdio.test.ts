import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { HoverRequest } from 'vscode-languageserver/node'
import { Client } from './client.ts'
import { PIPELINE } from './texts.ts'

const COMMAND = fileURLToPath(new URL('../bin/mica-language-server.mjs', import.meta.url))

const exited = (child: ChildProcessByStdio<Writable, Readable, null>): Promise<number | null> =>
  new Promise((resolve) => child.on('exit', resolve))

test('the command serves an editor over its standard streams, and ends with it', async () => {
  const child = spawn(process.execPath, [COMMAND, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const client = new Client(child.stdout, child.stdin)
  const { capabilities } = await client.initialize(undefined)
  expect(capabilities).toMatchObject({
    hoverProvider: true,
    textDocumentSync: { change: 2 },
    positionEncoding: 'utf-16',
  })
  const uri = 'file:///not/there/a.mica'
  const { diagnostics } = await client.open(uri, PIPELINE.replace('gate -> encoder', 'gate -> encodr'))
  expect(diagnostics.map(({ code }) => code)).toContain('MICA1201')
  const hover = await client.connection.sendRequest(HoverRequest.type, {
    textDocument: { uri },
    position: client.at(uri, 'encoder image'),
  })
  expect(JSON.stringify(hover)).toContain('Makes it')
  const code = exited(child)
  await client.exit()
  expect(await code).toBe(0)
})
