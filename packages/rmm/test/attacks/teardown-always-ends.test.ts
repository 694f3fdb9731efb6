import { expect, test } from 'vitest'
import { brokenInvariants } from '../../lab/invariants.ts'
import { machineState } from '../../lab/machine-state.ts'
import {
  RMI_DATA_DESTROY,
  RMI_DATA_DESTROY_SHARED,
  RMI_GRANULE_UNDELEGATE,
  RMI_REALM_DESTROY,
  RMI_REC_DESTROY,
  RMI_RTT_DESTROY,
  RMI_SGT_DESTROY,
} from '../../src/abi/index.ts'
import type { MicaState } from '../../src/mica/state.ts'
import { Pipeline } from '../mica/pipeline.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { SECRET } from './arena.ts'

// The host takes a group apart in orders that no sane host would choose: it gets everything back, and nothing in it.

type Destruction = readonly [fid: bigint, ...args: readonly number[]]

/** Every command that takes something of a Realm away, in the order in which a sane host calls them. */
function destructions({ rd, rec, ram }: ScriptedRealm, channels: readonly number[]): Destruction[] {
  const tables = [0, UNPROTECTED].flatMap((base): Destruction[] => [
    ...[0, 0x20_0000].map((half): Destruction => [RMI_RTT_DESTROY, rd, base + half, 3]),
    [RMI_RTT_DESTROY, rd, base, 2],
  ])
  return [
    [RMI_REC_DESTROY, rec],
    ...channels.map((ipa): Destruction => [RMI_DATA_DESTROY_SHARED, rd, ipa]),
    ...ram.map((_, page): Destruction => [RMI_DATA_DESTROY, rd, RAM + page * PAGE]),
    ...tables,
    [RMI_REALM_DESTROY, rd],
  ]
}

/** A generator of numbers that look random and are the same each time. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function shuffled<T>(items: readonly T[], below: (limit: number) => number): T[] {
  const rest = [...items]
  return items.map(() => rest.splice(below(rest.length), 1)[0]!)
}

/** All that the extension keeps, as text. */
function knownToExtension(host: ScriptedHost): string {
  return machineState(host, /^(?!monitor\.extension\.state)/)
}

test.each([1, 2, 3, 4])(
  'in any order, again and again until nothing is left, a group goes without a trace: order %s',
  (seed) => {
    const pipeline = new Pipeline(new ScriptedHost()).uploadAll()
    const { host, realms } = pipeline
    realms.gate.perform((cpu) => cpu.store64(0x20_0000, SECRET))
    const below = numbersFrom(seed)
    const channels = { gate: [0x200, 0x210], encoder: [0x200, 0x208], moderator: [0x208, 0x210] }
    let left = (['gate', 'encoder', 'moderator'] as const).flatMap((role) =>
      destructions(
        realms[role],
        channels[role].flatMap((granule) => [granule * PAGE, (granule + 1) * PAGE]),
      ),
    )
    for (let round = 0; left.length > 0; round++) {
      expect(round, 'a teardown that does not end').toBeLessThan(20)
      left = shuffled(left, below).filter(([fid, ...args]) => host.status(fid, ...args)[0] !== 0)
      expect(brokenInvariants(host)).toEqual([])
    }
    const { memory } = host.machine
    const taken = Array.from({ length: memory.granules }, (_, granule) => granule).filter((g) => !memory.isNonSecure(g))
    for (const granule of taken) {
      const address = memory.addressOf(granule)
      if (host.status(RMI_GRANULE_UNDELEGATE, address)[0] !== 0) {
        expect(host.status(RMI_SGT_DESTROY, address)).toEqual([0, 0])
        host.demand(RMI_GRANULE_UNDELEGATE, address)
      }
      expect(host.read(address, PAGE)?.every((byte) => byte === 0)).toBe(true)
    }
    expect(taken.length).toBeGreaterThan(100)
    expect(knownToExtension(host)).toBe(knownToExtension(new ScriptedHost()))
  },
)

test('a Realm that is gone is forgotten by those that it shared memory with', () => {
  const { host, realms } = new Pipeline().uploadAll()
  const { gate, encoder } = realms
  const extension = host.rmm.monitor.extension!.state as MicaState
  const met = () => [...extension.of(encoder.realm).met.keys()].map(({ realm }) => realm.rd)
  expect(met()).toContain(gate.rd)
  const pages = [0x200, 0x210].flatMap((granule) => [granule * PAGE, (granule + 1) * PAGE])
  for (const [fid, ...args] of destructions(gate, pages)) host.demand(fid, ...args)
  expect(met()).toEqual([realms.moderator.rd])
})

test('a Realm that never had to do with any other ends as well', () => {
  const host = new ScriptedHost()
  for (const [fid, ...args] of destructions(host.createRealm(), [])) host.demand(fid, ...args)
  expect(host.rmm.monitor.realms.size).toBe(0)
})

test('control: nothing of it goes before what depends on it', () => {
  const { host, realms } = new Pipeline().uploadAll()
  const { rd } = realms.gate
  expect(host.status(RMI_REALM_DESTROY, rd)).toEqual([2, 0])
  expect(host.status(RMI_RTT_DESTROY, rd, 0x20_0000, 3)).toEqual([4, 3])
})
