import { expect, test } from 'vitest'
import { RMI_DATA_DESTROY, RMI_DATA_DESTROY_SHARED, RMI_EXIT_SYNC } from '../../src/abi/index.ts'
import { type Job, PAGE, RAM, type ScriptedRealm } from '../scripted-host.ts'
import { joined, LINK, linked, SECRET } from './arena.ts'

// An access to a channel at the wrong time or without the right, with a secret in data and address.

const ACCESSES: readonly (readonly [string, Job<unknown>])[] = [
  ['a store', (cpu) => cpu.store64(LINK + 8 * Number(SECRET % 512n), SECRET)],
  ['a load', (cpu) => cpu.load64(LINK + 8 * Number(SECRET % 512n))],
  ['a fetch', (cpu) => cpu.fetch(LINK, 8)],
]

/** The exception that the guest takes; fails if any exit says more than that there was one. */
function quietly(realm: ScriptedRealm, access: Job<unknown>): string | undefined {
  const { exception, exits } = realm.perform(access)
  for (const exit of exits) {
    expect({ esr: exit.esr, far: exit.far, hpfar: exit.hpfar }).toEqual({ esr: 0n, far: 0n, hpfar: 0n })
    expect(exit.gprs.every((register) => register === 0n)).toBe(true)
  }
  return exception
}

test.each(ACCESSES)('%s before the policy is the Realm’s own affair', (_, access) => {
  expect(quietly(linked().right, access)).toBe('SynchronousExternalAbort')
})

test.each(ACCESSES.filter(([name]) => name !== 'a load'))('%s by a reader is the Realm’s own affair', (_, access) => {
  expect(quietly(joined().right, access)).toBe('SynchronousExternalAbort')
})

test.each(ACCESSES)('%s after the host has taken the channel out is the Realm’s own affair', (_, access) => {
  const { host, right } = joined()
  host.demand(RMI_DATA_DESTROY_SHARED, right.rd, LINK)
  expect(quietly(right, access)).toBe('SynchronousExternalAbort')
})

test('control: before a policy a fault in ordinary memory does tell the host where', () => {
  const { host, right } = linked()
  host.demand(RMI_DATA_DESTROY, right.rd, RAM + 8 * PAGE)
  const exit = right.begin((cpu) => cpu.load64(RAM + 8 * PAGE))
  expect(exit).toMatchObject({ exit_reason: RMI_EXIT_SYNC, hpfar: BigInt((RAM + 8 * PAGE) / 256) })
})
