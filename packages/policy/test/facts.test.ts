import { readFileSync } from 'node:fs'
import { decodeBlob, describeFact, encodeBlob, type Fact, ruleNumber, ruleOfNumber } from '@mica/policy'
import { expect, test } from 'vitest'

const source = readFileSync(new URL('../src/facts.ts', import.meta.url), 'utf8')

function refusal(bytes: Uint8Array): Fact {
  const decoded = decodeBlob(bytes)
  if (decoded.kind === 'policy') throw new Error('accepted')
  return decoded.fact
}

test('a fact names its rule, has a code and is worded in one line', () => {
  const fact = refusal(new Uint8Array(70_000))
  expect(fact).toEqual({
    code: 'MICA3001',
    rule: 'blob-too-long',
    facts: { length: 70_000, limit: 65_536 },
    origins: [],
  })
  expect(describeFact(fact)).toBe('the blob has 70000 bytes, over the limit of 65536')
})

test('the number of a rule leads back to it', () => {
  const fact = refusal(new Uint8Array(70_000))
  expect(ruleOfNumber(ruleNumber(fact))).toBe('blob-too-long')
  expect(ruleOfNumber(0)).toBeUndefined()
})

test('a control character in a stranger’s name does not reach the terminal', () => {
  const peer = { name: 'a\u001b[2J', gateway: false, strict: true, rims: [] }
  const fact = refusal(encodeBlob({ self: 0, peers: [peer, peer], memories: [], transitions: [] }))
  expect(describeFact(fact)).toBe('two peers are called `a\\u{1b}[2J`')
})

test('rules have numbers of their own, in order, and sentences in the house style', () => {
  const rules = [...source.matchAll(/^ {2}'[\w-]+': \[\s*(\d+),\s*'(.*)',?\s*\]/gm)]
  const numbers = rules.map(([, number]) => Number(number))
  expect(numbers.length).toBeGreaterThan(50)
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  for (const [, , sentence] of rules) expect(sentence).toMatch(/^[^A-Z].*[^.]$/)
})
