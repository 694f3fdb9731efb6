import { readFileSync } from 'node:fs'
import { bufferMemory, ChannelEnd } from '@mica/realm-sdk'
import { expect, test } from 'vitest'

test('the example of the README does what it shows', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const printed: unknown[] = []
  const body = example.replace(/^import .*$/m, '')
  new Function('ChannelEnd', 'bufferMemory', 'console', body)(ChannelEnd, bufferMemory, {
    log: (...values: unknown[]) => printed.push(...values),
  })
  expect(printed).toEqual([Uint8Array.of(21), 'end', 0])
})
