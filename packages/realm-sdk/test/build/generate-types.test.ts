import { readFileSync } from 'node:fs'
import { constantName, generateTypes } from '@mica/realm-sdk/build'
import { expect, test } from 'vitest'
import { workflow } from './workflow.ts'

test('the generated module is the one that the realms of these tests are compiled against', () => {
  const generated = readFileSync(new URL('./realms/relay.mica.ts', import.meta.url), 'utf8')
  expect(generateTypes(workflow)).toBe(generated)
})

test('the generated module does not depend on measurements', () => {
  const rims = [new Uint8Array(32).fill(1)]
  const measured = { ...workflow, peers: workflow.peers.map((peer) => ({ ...peer, rims })) }
  expect(generateTypes(measured)).toBe(generateTypes(workflow))
})

test('calls that the policy allows are granted by name, and no others', () => {
  const granting = (action: 'allow' | 'block'): string => {
    const time = { peer: 1, class: 'call', action, ranges: [[0xc400_01bb, 0xc400_01bb]] } as const
    return generateTypes({ ...workflow, transitions: [...workflow.transitions, time] })
  }
  expect(granting('allow')).toContain("calls: ['time']")
  expect(granting('block')).not.toContain('time')
})

test('a peer whose name is no identifier gets a constant that is one', () => {
  expect(constantName('the-big-worker2')).toBe('theBigWorker2')
  expect(constantName('default')).toBe('default_')
})

test('two peers that would get the same constant are refused', () => {
  const [gate] = workflow.peers
  const twins = { ...workflow, peers: ['a-b', 'aB'].map((name) => ({ ...gate!, name })), memories: [], transitions: [] }
  expect(() => generateTypes(twins)).toThrow('aB')
})
