import type { DecodedMember } from '@mica/policy'
import { expect, test } from 'vitest'
import { openGroup } from '../../src/group/members.ts'
import { policyOf, RIMS, WORKFLOW } from './pipeline.ts'

/** A member that its own policy calls so. */
function memberCalled(name: string): DecodedMember {
  const policy = policyOf(WORKFLOW, 'gate')
  const peers = policy.peers.map((peer, index) => (index === policy.self ? { ...peer, name } : peer))
  const rim = RIMS['gate']!
  return { rim, hashAlgorithm: 'sha-256', blob: rim, policyDigest: rim, policy: { ...policy, peers } }
}

const labelsOf = (...names: string[]): readonly string[] => {
  const opened = openGroup({ members: names.map(memberCalled), channels: [] })
  if ('code' in opened) throw new Error(opened.detail)
  return opened.members.map(({ label }) => label)
}

test('members are called by their names, and replicas by their place too', () => {
  expect(labelsOf('gate', 'encoder', 'gate')).toEqual(['gate#0', 'encoder', 'gate#2'])
})

test('no name makes a member pass for another: labels differ whatever peers are called', () => {
  const labels = labelsOf('gate', 'gate', 'gate#1', '`', '\\u{60}', 'gate#1#2')
  expect(new Set(labels).size).toBe(labels.length)
})
