import { expect, test } from 'vitest'
import { LINK, LINK_GRANULE, rightsAt, type Sketch, stage, upload } from './arena.ts'

// One image, two personalization values: a policy that tells replicas apart cannot be used by the other one.

const rpv = (value: number): Uint8Array => new Uint8Array(64).fill(value)

/** A writer, and two readers of one image, each with a channel of its own. */
function scene() {
  const { host, realms } = stage(1)
  const [writer] = realms
  const [first, second] = [1, 2].map((value) => host.createRealm({ image: 7, rpv: rpv(value), policyGranules: 1 }))
  const [granule] = host.share(1, [writer!, LINK], [first!, LINK])
  const policy = (self: string): Sketch => ({
    self,
    peers: { writer: { rim: writer!.rim }, reader: { rim: first!.rim, rpv: rpv(1) } },
    memories: { link: { at: LINK_GRANULE, rights: { writer: 'w', reader: 'r' } } },
  })
  return { writer: writer!, first: first!, second: second!, granule: granule!, policy }
}

test('a Realm with the right measurement and another personalization value is not the one that the policy means', () => {
  const { writer, first, second, granule, policy } = scene()
  expect(second.rim).toEqual(first.rim)
  second.mapShared([granule], LINK)
  expect(upload(second, policy('reader'))).toBe('self-rpv-differs')
  expect(upload(writer, policy('writer'))).toBe('accepted')
  expect(rightsAt(second, LINK)).toBe('-')
})

test('nor does a policy of its own, with its own value, let it in: those inside ask for another', () => {
  const { writer, second, granule, policy } = scene()
  expect(upload(writer, policy('writer'))).toBe('accepted')
  second.mapShared([granule], LINK)
  const own = policy('reader')
  const peers = { writer: { rim: writer.rim, strict: false }, reader: { rim: second.rim, rpv: rpv(2) } }
  expect(upload(second, { ...own, peers })).toBe('peer-not-admitted')
  expect(rightsAt(second, LINK)).toBe('-')
})

test('control: the replica with the value that the policy names is let in', () => {
  const { writer, first, policy } = scene()
  expect([upload(writer, policy('writer')), upload(first, policy('reader'))]).toEqual(['accepted', 'accepted'])
  expect(rightsAt(first, LINK)).toBe('r')
})
