import { readFileSync } from 'node:fs'
import { compile } from '@mica/dsl'
import { expect, test } from 'vitest'

test('the policy of the README compiles without a word', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const source = /const source = `([^`]*)`/.exec(readme)?.[1] ?? ''
  const rims = new Map(['gate', 'worker'].map((peer, index) => [peer, new Uint8Array(32).fill(index + 1)]))
  const { diagnostics, blobs } = compile(source, { file: 'hello.mica', rimOf: (peer) => [rims.get(peer)!] })
  expect(diagnostics).toEqual([])
  expect(blobs.size).toBe(2)
})
