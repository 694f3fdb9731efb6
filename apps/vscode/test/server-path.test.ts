import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createProtocolConnection, InitializeRequest } from 'vscode-languageserver/node'
import { serverFor } from '../src/server-path.ts'

test('the server that comes with the extension answers an editor', async () => {
  const server = serverFor(fileURLToPath(new URL('..', import.meta.url)))!
  const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const connection = createProtocolConnection(child.stdout, child.stdin)
  connection.listen()
  const hello = { processId: process.pid, rootUri: null, workspaceFolders: null, capabilities: {} }
  const { serverInfo } = await connection.sendRequest(InitializeRequest.type, hello)
  expect(serverInfo?.name).toBe('mica-language-server')
  connection.dispose()
  child.kill()
})

test('the server of a folder is the one installed nearest to it', () => {
  const root = mkdtempSync(join(tmpdir(), 'mica-vscode-'))
  try {
    const command = (folder: string): string =>
      join(root, folder, 'node_modules/@mica/language-server/bin/mica-language-server.mjs')
    for (const folder of ['', 'inner']) {
      mkdirSync(dirname(command(folder)), { recursive: true })
      writeFileSync(command(folder), '')
    }
    expect(serverFor(join(root, 'inner/policies'))).toBe(command('inner'))
    expect(serverFor(join(root, 'other/policies'))).toBe(command(''))
    rmSync(command(''))
    expect(serverFor(join(root, 'other'))).toBe(undefined)
  } finally {
    rmSync(root, { recursive: true })
  }
})
