import { SYSREG } from '@mica/hw-sim'
import type { Policy } from '@mica/policy'
import { expect, test } from 'vitest'
import {
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_ENTER_TRAP_WFE,
  RMI_ENTER_TRAP_WFI,
  RMI_EXIT_IRQ,
  RMI_EXIT_SYNC,
  RMI_REALM_ACTIVATE,
  RMI_RTT_INIT_RIPAS,
  RSI_ERROR_INPUT,
  RSI_ERROR_STATE,
  RSI_MICA_CHANNEL_INFO,
  RSI_MICA_CREDIT,
  RSI_MICA_LEAVE,
  RSI_MICA_NOTIFY,
  RSI_MICA_POLICY_STATUS,
  RSI_MICA_REJOIN,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { PAGE, RAM, ScriptedHost } from '../scripted-host.ts'
import { accessTo, BOARD, Club, CODE, LINE, QUANTUM, work } from './club.ts'
import { call, notified, status, waiting } from './club-calls.ts'

test('a right to execute without one to read is exactly that, as stage 2 has it', () => {
  const { ann, cat } = new Club().uploadAll()
  expect(accessTo(ann, CODE)).toBe('fetch')
  expect(accessTo(cat, CODE)).toBe('write')
})

test('the status of a Realm says what holds of its policy, and what it lacks', () => {
  const club = new Club()
  const { ann, bob } = club
  expect(status(ann)).toMatchObject({ flags: 0n, refusals: 0n, memories: 0n, held: 0n, missing_ram: 0n })
  expect(ann.upload(new Uint8Array(9))[0]).toBe(1)
  expect(status(ann)).toMatchObject({ flags: 0n, refusals: 1n })
  club.uploadAll()
  expect(status(ann)).toMatchObject({ flags: 1n, refusals: 1n, memories: 4n, held: 4n })
  expect(status(bob)).toMatchObject({ flags: 1n, refusals: 0n, memories: 3n, held: 3n })
  const { digest } = ann.realm.policy!
  expect(status(ann).digest).toEqual(Uint8Array.of(...digest, ...new Uint8Array(64 - digest.length)))
  call(ann, RSI_MICA_LEAVE, CODE)
  expect(status(ann)).toMatchObject({ memories: 4n, held: 3n })
})

test('pages that are declared RAM and are not there are counted', () => {
  const host = new ScriptedHost()
  const realm = host.createRealm({ activate: false })
  const end = RAM + 24 * PAGE
  host.demand(RMI_RTT_INIT_RIPAS, realm.rd, end, end + 5 * PAGE)
  for (const page of [0, 3]) host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, host.delegated(), end + page * PAGE)
  // The first page of a table that lies directly behind that of the others.
  host.demand(RMI_RTT_INIT_RIPAS, realm.rd, 0x20_0000, 0x20_0000 + PAGE)
  // Two MiB without a table.
  host.demand(RMI_RTT_INIT_RIPAS, realm.rd, 0x40_0000, 0x60_0000)
  host.demand(RMI_REALM_ACTIVATE, realm.rd)
  expect(status(realm).missing_ram).toBe(3n + 1n + 512n)
})

test('a notification reaches those who may read, by their own index, and is read once', () => {
  const { ann, bob, cat } = new Club().uploadAll()
  expect(call(ann, RSI_MICA_NOTIFY, LINE)).toBe(RSI_SUCCESS)
  expect(call(ann, RSI_MICA_NOTIFY, BOARD)).toBe(RSI_SUCCESS)
  expect([notified(ann), notified(bob), notified(cat)]).toEqual([[], [LINE, BOARD], [BOARD]])
  expect(notified(bob)).toEqual([])
  expect(call(cat, RSI_MICA_NOTIFY, CODE)).toBe(RSI_SUCCESS)
  expect(notified(ann)).toEqual([])
})

test('a wait is over at once, once, after a notification; the next one is as the host asked for', () => {
  const change = (policy: Policy, self: number): Policy => ({
    ...policy,
    transitions: [{ peer: self, class: 'exception', action: 'allow', ranges: [[1, 1]] }],
  })
  for (const [flags, exit_reason] of [
    [0n, RMI_EXIT_IRQ],
    [RMI_ENTER_TRAP_WFI, RMI_EXIT_SYNC],
  ] as const) {
    const { ann, bob } = new Club({ change }).uploadAll()
    bob.enter()
    call(ann, RSI_MICA_NOTIFY, LINE)
    call(ann, RSI_MICA_NOTIFY, BOARD)
    const seen = { waits: 0 }
    expect(bob.recs[0]!.begin(waiting(seen, 4), { flags })).toMatchObject({ exit_reason })
    expect(seen.waits).toBe(1)
  }
})

test('a notification says nothing to a Realm that waits for an event of another kind', () => {
  const { ann, bob } = new Club().uploadAll()
  bob.enter()
  call(ann, RSI_MICA_NOTIFY, LINE)
  const order: string[] = []
  bob.recs[0]!.begin(
    function* (cpu) {
      yield* cpu.wfe()
      order.push('WFE')
      yield* cpu.wfi()
      order.push('WFI')
    },
    { flags: RMI_ENTER_TRAP_WFE },
  )
  expect(order).toEqual([])
  bob.enter()
  expect(order).toEqual(['WFE', 'WFI'])
})

test('a notification wakes every REC of the reader, also one that has not run, and none of anybody else', () => {
  const { ann, bob, cat } = new Club().uploadAll()
  for (const realm of [bob, cat]) for (const rec of realm.recs) rec.enter()
  call(ann, RSI_MICA_NOTIFY, LINE)
  const waits = [bob, cat].map((realm) =>
    realm.recs.map((rec) => {
      const seen = { waits: 0 }
      rec.begin(waiting(seen, 3))
      return seen.waits
    }),
  )
  expect(waits).toEqual([
    [1, 1],
    [0, 0],
  ])
})

test('an event that comes while its REC is on another PE is there for its next wait', () => {
  const { host, ann, bob } = new Club().uploadAll()
  bob.enter()
  const seen = { waits: 0 }
  bob.recs[0]!.begin(function* (cpu) {
    // Meanwhile, on another PE.
    call(ann, RSI_MICA_NOTIFY, LINE)
    yield* waiting(seen, 3)(cpu)
  })
  expect(seen.waits).toBe(1)
  expect(host.rmm.monitor.recs.size).toBeGreaterThan(0)
})

test('credit goes from the reader of a paced memory to its writer, and counts', () => {
  const { ann, bob } = new Club().uploadAll()
  const info = () => ann.call(RSI_MICA_CHANNEL_INFO, LINE, 0, 0, 0, 0)[5]
  expect(info()).toBe(0n)
  expect(call(bob, RSI_MICA_CREDIT, LINE)).toBe(RSI_SUCCESS)
  expect(info()).toBe(1n)
  expect(notified(ann)).toEqual([LINE])
  work(bob)
  expect(call(bob, RSI_MICA_CREDIT, LINE)).toBe(RSI_SUCCESS)
  expect(info()).toBe(2n)
})

test('a reader gives at most one credit a quantum, with however many RECs, and leaving does not start it anew', () => {
  const { bob } = new Club().uploadAll()
  const credit = (rec: number) => bob.recs[rec]!.call(RSI_MICA_CREDIT, LINE)[0]
  expect(credit(0)).toBe(RSI_SUCCESS)
  expect([credit(0), credit(1)]).toEqual([RSI_ERROR_STATE, RSI_ERROR_STATE])
  call(bob, RSI_MICA_LEAVE, LINE)
  expect(call(bob, RSI_MICA_REJOIN, LINE)).toBe(RSI_SUCCESS)
  expect(credit(0)).toBe(RSI_ERROR_STATE)
  work(bob, 1)
  expect(credit(1)).toBe(RSI_SUCCESS)
  work(bob, 0, QUANTUM / 2)
  expect(credit(0)).toBe(RSI_ERROR_STATE)
  work(bob, 0, QUANTUM / 2)
  expect(credit(0)).toBe(RSI_SUCCESS)
})

test('a quantum after one credit the next is due, and no sooner', () => {
  const second = (quantum: number): { readonly status: bigint; readonly elapsed: number } => {
    const { host, bob } = new Club({ host: new ScriptedHost({ limits: { quantum } }) }).uploadAll()
    const now = (): number => Number(host.rmm.monitor.recAt(bob.recs[0]!.address)!.guest!.system[SYSREG.CNTVCT_EL0])
    expect(call(bob, RSI_MICA_CREDIT, LINE)).toBe(RSI_SUCCESS)
    const before = now()
    work(bob)
    const status = call(bob, RSI_MICA_CREDIT, LINE)
    return { status, elapsed: now() - before }
  }
  const { elapsed } = second(0)
  expect(second(elapsed).status).toBe(RSI_SUCCESS)
  expect(second(elapsed + 1).status).toBe(RSI_ERROR_STATE)
})

test('a REC that was turned off and on again has its own time to wait, and no more', () => {
  const { host, bob } = new Club().uploadAll()
  const credit = () => bob.recs[1]!.call(RSI_MICA_CREDIT, LINE)[0]
  work(bob, 1, 3 * QUANTUM)
  expect(credit()).toBe(RSI_SUCCESS)
  host.rmm.monitor.recAt(bob.recs[1]!.address)!.restart(0n, 0n)
  expect(credit()).toBe(RSI_ERROR_STATE)
  work(bob, 1)
  expect(credit()).toBe(RSI_SUCCESS)
})

test('nobody gives credit to itself, or to those who read as it does', () => {
  const { ann, bob } = new Club().uploadAll()
  expect(call(ann, RSI_MICA_CREDIT, LINE)).toBe(RSI_ERROR_INPUT)
  expect(call(bob, RSI_MICA_CREDIT, LINE)).toBe(RSI_SUCCESS)
  expect(bob.call(RSI_MICA_CHANNEL_INFO, LINE, 0, 0, 0, 0)[5]).toBe(0n)
  expect(notified(bob)).toEqual([])
})

test('a notification that reaches nobody and credit that reaches nobody are answered, and counted, like any other', () => {
  const { ann, bob } = new Club().uploadAll()
  call(bob, RSI_MICA_LEAVE, LINE)
  expect(call(ann, RSI_MICA_NOTIFY, LINE)).toBe(RSI_SUCCESS)
  expect(call(bob, RSI_MICA_REJOIN, LINE)).toBe(RSI_SUCCESS)
  expect(notified(bob)).toEqual([])
  call(ann, RSI_MICA_LEAVE, LINE)
  const credits = [call(bob, RSI_MICA_CREDIT, LINE), call(bob, RSI_MICA_CREDIT, LINE)]
  expect(credits).toEqual([RSI_SUCCESS, RSI_ERROR_STATE])
})

test('a notification that could not be shown, for want of the page that it was to be written to, is not lost', () => {
  const { host, ann, bob } = new Club().uploadAll()
  call(ann, RSI_MICA_NOTIFY, LINE)
  host.demand(RMI_DATA_DESTROY, bob.rd, RAM + 8 * PAGE)
  expect(call(bob, RSI_MICA_POLICY_STATUS, RAM + 8 * PAGE)).toBe(RSI_ERROR_INPUT)
  expect(notified(bob)).toEqual([LINE])
})
