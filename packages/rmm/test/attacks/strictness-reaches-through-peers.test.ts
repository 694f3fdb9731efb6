import { expect, test } from 'vitest'
import { PAGE } from '../scripted-host.ts'
import { LINK_GRANULE, rightsAt, type Sketch, stage, upload } from './arena.ts'

// first -> second -> third. The first has never heard of a fourth, and means what it says about all that it knows.

const PLACE = { one: LINK_GRANULE, two: LINK_GRANULE + 8, out: LINK_GRANULE + 16 }

function chain() {
  const { host, realms } = stage(4)
  const [first, second, third, fourth] = realms.map((realm) => realm)
  host.share(1, [first!, PLACE.one * PAGE], [second!, PLACE.one * PAGE])
  host.share(1, [second!, PLACE.two * PAGE], [third!, PLACE.two * PAGE])
  const policy = (self: string): Sketch => ({
    self,
    peers: { first: { rim: first!.rim }, second: { rim: second!.rim }, third: { rim: third!.rim } },
    memories: {
      one: { at: PLACE.one, rights: { first: 'w', second: 'r' } },
      two: { at: PLACE.two, rights: { second: 'w', third: 'r' } },
    },
  })
  /** The same, with a way out of the chain that the others do not know of. */
  const leaky = (self: string, thirdIsStrict: boolean): Sketch => {
    const { peers, memories } = policy(self)
    return {
      self,
      peers: { ...peers, third: { rim: third!.rim, strict: thirdIsStrict }, fourth: { rim: fourth!.rim } },
      memories: { ...memories, out: { at: PLACE.out, rights: { third: 'w', fourth: 'r' } } },
    }
  }
  return { host, first: first!, second: second!, third: third!, fourth: fourth!, policy, leaky }
}

test('a strict peer’s strict peer with an undeclared channel is refused by the one that it shares with', () => {
  const { host, first, second, third, fourth, policy, leaky } = chain()
  host.share(1, [third, PLACE.out * PAGE], [fourth, PLACE.out * PAGE])
  expect(upload(first, policy('first'))).toBe('accepted')
  expect(upload(second, policy('second'))).toBe('accepted')
  expect(upload(third, leaky('third', true))).toBe('strict-memory-unlisted')
  expect(rightsAt(third, PLACE.two * PAGE)).toBe('-')
})

test('a strict peer that holds its own peer less strict than the first does is refused, though that one is not there', () => {
  const { first, second, policy } = chain()
  expect(upload(first, policy('first'))).toBe('accepted')
  const own = policy('second')
  const lax = { ...own, peers: { ...own.peers, third: { ...own.peers['third']!, strict: false } } }
  expect(upload(second, lax)).toBe('strict-peer-wider')
  expect(rightsAt(second, PLACE.one * PAGE)).toBe('-')
})

test('a strict peer that lists a channel of its strict peer which the first does not know is refused', () => {
  const { first, second, policy, leaky } = chain()
  expect(upload(first, policy('first'))).toBe('accepted')
  expect(upload(second, leaky('second', true))).toBe('strict-memory-unlisted')
})

test('a strict peer that lets its strict peer call the host, as the first does not, is refused', () => {
  const { first, second, policy } = chain()
  expect(upload(first, policy('first'))).toBe('accepted')
  const hostCall = { peer: 2, class: 'call', action: 'scrub', ranges: [[0xc400_0199, 0xc400_0199]] } as const
  expect(upload(second, { ...policy('second'), transitions: [hostCall] })).toBe('strict-transition-wider')
  expect(rightsAt(second, PLACE.one * PAGE)).toBe('-')
})

test('whoever comes last is refused: a leaky pair that is there first keeps the first out', () => {
  const { host, first, second, third, fourth, policy, leaky } = chain()
  host.share(1, [third, PLACE.out * PAGE], [fourth, PLACE.out * PAGE])
  expect(upload(third, leaky('third', true))).toBe('accepted')
  expect(upload(second, leaky('second', true))).toBe('accepted')
  expect(upload(first, policy('first'))).toBe('strict-memory-unlisted')
  expect(rightsAt(first, PLACE.one * PAGE)).toBe('-')
})

test('a strict peer whose place for the first others fit too is refused while it shares that place with one of them', () => {
  const { host, first, second, third } = chain()
  host.share(1, [first, PLACE.two * PAGE])
  const both = (self: string, others: 'named' | 'nameless'): Sketch => ({
    self,
    peers: { first: others === 'named' ? { rim: first.rim } : {}, second: { rim: second.rim } },
    memories: {
      one: { at: PLACE.one, rights: { first: 'rw', second: 'rw' } },
      two: { at: PLACE.two, rights: { first: 'rw', second: 'rw' } },
    },
  })
  const stranger: Sketch = {
    self: 'third',
    peers: { second: { rim: second.rim, strict: false }, third: { rim: third.rim } },
    memories: { two: { at: PLACE.two, rights: { second: 'rw', third: 'rw' } } },
  }
  expect(upload(third, stranger)).toBe('accepted')
  expect(upload(first, both('first', 'named'))).toBe('accepted')
  expect(upload(second, both('second', 'nameless'))).toBe('strict-mapping-unlisted')
  expect(rightsAt(second, PLACE.two * PAGE)).toBe('-')
})

test('control: without the way out all three are accepted', () => {
  const { first, second, third, policy } = chain()
  expect(upload(first, policy('first'))).toBe('accepted')
  expect(upload(second, policy('second'))).toBe('accepted')
  expect(upload(third, policy('third'))).toBe('accepted')
  expect(rightsAt(third, PLACE.two * PAGE)).toBe('r')
})

test('control: a first that holds the others open lets them have what they list', () => {
  const { first, second, policy, leaky } = chain()
  const { peers, ...rest } = policy('first')
  const open = Object.fromEntries(Object.entries(peers).map(([name, peer]) => [name, { ...peer, strict: false }]))
  expect(upload(first, { ...rest, peers: open })).toBe('accepted')
  expect(upload(second, leaky('second', true))).toBe('accepted')
})
