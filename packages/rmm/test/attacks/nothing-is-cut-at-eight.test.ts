import { expect, test } from 'vitest'
import { PAGE, ScriptedHost } from '../scripted-host.ts'
import { LINK_GRANULE, rightsAt, type Sketch, upload } from './arena.ts'

// What stands after the eighth place of a list counts like the first; what is over a limit is refused as a whole.

const SPOKES = 12

/** A hub that writes one channel to each of twelve Realms. */
function wheel() {
  const host = new ScriptedHost()
  host.addSharedGranuleTable()
  const hub = host.createRealm({ image: 100, policyGranules: 2 })
  const spokes = Array.from({ length: SPOKES }, (_, image) => host.createRealm({ image, policyGranules: 2 }))
  const granuleOf = (index: number): number => LINK_GRANULE + index
  for (const [index, spoke] of spokes.entries()) {
    host.share(1, [hub, granuleOf(index) * PAGE], [spoke, granuleOf(index) * PAGE])
  }
  const policy = (self: string): Sketch => ({
    self,
    peers: Object.fromEntries([
      ['hub', { rim: hub.rim }],
      ...spokes.map(({ rim }, index) => [`spoke${index}`, { rim }] as const),
    ]),
    memories: Object.fromEntries(
      spokes.map((_, index) => [`m${index}`, { at: granuleOf(index), rights: { hub: 'w', [`spoke${index}`]: 'r' } }]),
    ),
  })
  return { hub, spokes, policy, ipaOf: (index: number) => granuleOf(index) * PAGE }
}

test('the twelfth memory of a policy has the rights of the policy, and the twelfth Realm of a group is checked', () => {
  const { hub, spokes, policy, ipaOf } = wheel()
  expect(upload(hub, policy('hub'))).toBe('accepted')
  for (const [index, spoke] of spokes.entries()) expect(upload(spoke, policy(`spoke${index}`))).toBe('accepted')
  expect(spokes.map((spoke, index) => rightsAt(spoke, ipaOf(index)))).toEqual(spokes.map(() => 'r'))
  expect(spokes.map((_, index) => rightsAt(hub, ipaOf(index)))).toEqual(spokes.map(() => 'w'))
})

test('a twelfth Realm that takes more than the hub grants in the twelfth memory is refused', () => {
  const { hub, spokes, policy } = wheel()
  expect(upload(hub, policy('hub'))).toBe('accepted')
  const last = SPOKES - 1
  const wide = policy(`spoke${last}`)
  const memories = {
    ...wide.memories,
    [`m${last}`]: { ...wide.memories![`m${last}`]!, rights: { hub: 'w', [`spoke${last}`]: 'rw' } },
  }
  expect(upload(spokes[last]!, { ...wide, memories })).toBe('rights-wider')
})

test('a policy over the limit of memories is refused as a whole: nothing of it is cut off', () => {
  const { hub, policy, ipaOf } = wheel()
  const own = policy('hub')
  const more = Array.from(
    { length: 300 },
    (_, index) => [`x${index}`, { at: 0x1000 + index, rights: { hub: 'w' } }] as const,
  )
  expect(upload(hub, { ...own, memories: { ...own.memories, ...Object.fromEntries(more) } })).toBe('over-limit')
  expect(rightsAt(hub, ipaOf(0))).toBe('-')
})
