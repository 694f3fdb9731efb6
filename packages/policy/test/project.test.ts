import { checkWellFormed, DEFAULT_LIMITS, project, withIdentities } from '@mica/policy'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rim, workflow } from './arbitraries.ts'
import { hostCall, policyOf, videoModeration, workflowOf } from './builders.ts'

test('the policies of a closed workflow differ in Self alone', () => {
  const video = workflowOf(videoModeration)
  const [gate, encoder, moderator] = ['gate', 'encoder', 'moderator'].map((name) => policyOf(video, name))
  expect([gate!.self, encoder!.self, moderator!.self]).toEqual([0, 1, 2])
  expect({ ...encoder!, self: 0 }).toEqual(gate)
  expect({ ...moderator!, self: 0 }).toEqual(gate)
})

test('a projection ends at an open peer, whose other memories and transitions it leaves out', () => {
  const chain = workflowOf({
    peers: { a: '', b: '', c: 'open', d: '' },
    memories: { ab: { a: 'w', b: 'r' }, bc: { b: 'w', c: 'r' }, cd: { c: 'w', d: 'r' } },
    transitions: [
      { ...hostCall, peer: 'b', action: 'allow' },
      { ...hostCall, peer: 'c', action: 'scrub' },
    ],
  })
  const a = policyOf(chain, 'a')
  expect(a.peers.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  expect(a.memories.map(({ name }) => name)).toEqual(['ab', 'bc'])
  expect(a.transitions.map(({ action }) => action)).toEqual(['allow'])
  const c = policyOf(chain, 'c')
  expect(c.memories.map(({ name }) => name)).toEqual(['ab', 'bc', 'cd'])
  expect(c.transitions.map(({ action }) => action)).toEqual(['allow', 'scrub'])
})

test('a projection goes on through no any and through no peer without identity', () => {
  const service = workflowOf({
    peers: { a: '', u: 'unknown', b: '' },
    memories: { m: { a: 'w', any: 'r' }, n: { b: 'r', any: 'w' }, o: { a: 'w', u: 'r' }, p: { u: 'w', b: 'r' } },
  })
  const { memories, peers } = policyOf(service, 'a')
  expect(memories.map(({ name }) => name)).toEqual(['m', 'o'])
  expect(peers.map(({ name }) => name)).toEqual(['a', 'u'])
})

test('a projection is well-formed', () => {
  fc.assert(
    fc.property(workflow({ identified: false }), (any) => {
      for (const { name } of any.peers) expect(checkWellFormed(policyOf(any, name))).toBeUndefined()
    }),
  )
})

test('a closure over the limits names the peer to open', () => {
  const chain = workflowOf({
    peers: { a: '', b: '', c: '', d: '' },
    memories: { ab: { a: 'w', b: 'r' }, bc: { b: 'w', c: 'r' }, cd: { c: 'w', d: 'r' } },
  })
  expect(project(chain, 'a', { ...DEFAULT_LIMITS, peers: 3 })).toMatchObject({
    fact: { rule: 'closure-over-limit', facts: { what: 'peers', count: 4, limit: 3, open: 'c' } },
  })
})

test('a peer that is over the limits by itself is not helped by opening another', () => {
  const star = workflowOf({
    peers: { hub: '', b: '', c: '', d: '' },
    memories: { hb: { hub: 'w', b: 'r' }, hc: { hub: 'w', c: 'r' }, hd: { hub: 'w', d: 'r' } },
  })
  const limits = { ...DEFAULT_LIMITS, peers: 3 }
  expect(project(star, 'hub', limits)).toMatchObject({
    fact: { rule: 'own-over-limit', facts: { count: 4, limit: 3 } },
  })
  expect(project(star, 'b', limits)).toMatchObject({ fact: { rule: 'closure-over-limit', facts: { open: 'hub' } } })
})

test('an unmeasured image is refused, since its blob would admit anyone', () => {
  const video = workflowOf(videoModeration)
  const unmeasured = { ...video, peers: video.peers.map((peer) => ({ ...peer, rims: [], image: 'a.ts' })) }
  expect(project(unmeasured, 'gate')).toMatchObject({ fact: { rule: 'unmeasured-image', facts: { peer: 'gate' } } })
  const measured = withIdentities(unmeasured, new Map(video.peers.map(({ name, rims }) => [name, rims])))
  expect(policyOf(measured, 'gate').peers[1]!.rims).toEqual([rim(2)])
  expect(project(video, 'nobody')).toMatchObject({ fact: { rule: 'unknown-peer' } })
})
