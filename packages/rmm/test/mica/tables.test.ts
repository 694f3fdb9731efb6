import { expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import {
  RIPAS_RAM,
  RMI_DATA_DESTROY_SHARED,
  RMI_ENTER_RIPAS_REJECT,
  RMI_EXIT_IRQ,
  RMI_EXIT_RIPAS_CHANGE,
  RMI_RTT_CREATE,
  RMI_RTT_FOLD,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_SET_RIPAS,
  RSI_ACCEPT,
  RSI_ERROR_INPUT,
  RSI_IPA_STATE_SET,
  RSI_REJECT,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { entryAt } from '../small-world.ts'
import { at, CHANNEL_PAGES, type Parts, Pipeline, RAW } from './pipeline.ts'

const BLOCK = 0x20_0000
/** Addresses in no policy of the pipeline, in a table with channels. */
const FREE = at(RAW + 0x100)
const READ_WRITE = 0xd8

/** Asks for RAM; what the host sees first, or what the call answers without it. */
function askForRam(realm: ScriptedRealm, base: number, top: number) {
  return realm.recs[0]!.begin(function* (cpu) {
    yield* cpu.smc([RSI_IPA_STATE_SET, BigInt(base), BigInt(top), BigInt(RIPAS_RAM), 0n])
  })
}

test('a table with shared memory in it does not fold, whatever else it holds', () => {
  const { host, realms } = new Pipeline()
  const before = machineState(host)
  expect(host.status(RMI_RTT_FOLD, realms.gate.rd, at(RAW), 3)).toEqual([4, 3])
  expect(machineState(host)).toBe(before)
})

test('a table full of shared memory does not fold, however contiguous that is', () => {
  const host = new ScriptedHost()
  host.addSharedGranuleTable()
  const realm = host.createRealm()
  const granules = Array.from({ length: 512 }, (_, page) => host.delegate(0x8040_0000 + page * PAGE))
  realm.mapShared(granules, BLOCK)
  expect(host.status(RMI_RTT_FOLD, realm.rd, BLOCK, 3)).toEqual([4, 3])
})

test('a Realm cannot declare shared memory RAM, nor a range in which there is some', () => {
  const { gate } = new Pipeline().realms
  const ranges = [
    [at(RAW), at(RAW) + PAGE],
    [at(RAW + CHANNEL_PAGES - 1), FREE],
    [RAM, FREE],
  ]
  for (const [base, top] of ranges) {
    expect(gate.call(RSI_IPA_STATE_SET, base!, top!, RIPAS_RAM, 0)[0]).toBe(RSI_ERROR_INPUT)
  }
})

test('what ends where shared memory begins, or begins where that ends, may be declared RAM', () => {
  const { gate } = new Pipeline().realms
  const end = at(RAW + CHANNEL_PAGES)
  expect(askForRam(gate, at(RAW) - PAGE, at(RAW))).toMatchObject({ exit_reason: RMI_EXIT_RIPAS_CHANGE })
  gate.enter()
  expect(askForRam(gate, end, end + PAGE)).toMatchObject({ exit_reason: RMI_EXIT_RIPAS_CHANGE })
})

test('shared memory that comes between a request for RAM and its answer stops the change before it', () => {
  const { host, realms } = new Pipeline()
  const { gate } = realms
  const rec = gate.recs[0]!
  expect(askForRam(gate, FREE, FREE + 2 * PAGE)).toMatchObject({ exit_reason: RMI_EXIT_RIPAS_CHANGE })
  gate.mapShared([host.delegated()], FREE + PAGE)
  const [status, reached] = host.smc(RMI_RTT_SET_RIPAS, gate.rd, rec.address, FREE, FREE + 2 * PAGE)
  expect([status, reached]).toEqual([0n, BigInt(FREE + PAGE)])
  expect(host.status(RMI_RTT_SET_RIPAS, gate.rd, rec.address, FREE + PAGE, FREE + 2 * PAGE)).toEqual([4, 3])
  host.demand(RMI_DATA_DESTROY_SHARED, gate.rd, FREE + PAGE)
  expect(entryAt(gate, FREE).ripas).toBe('ram')
  expect(entryAt(gate, FREE + PAGE).ripas).toBe('empty')
})

/** A Realm whose policy scrubs its requests for RAM. */
function withScrubbedRequests(): Pipeline {
  const pipeline = new Pipeline()
  const id = Number(RSI_IPA_STATE_SET)
  const scrub = ({ transitions }: Parts): void => {
    transitions.push({ peer: 0, class: 'call', action: 'scrub', ranges: [[id, id]] })
  }
  for (const role of ['gate', 'encoder', 'moderator'] as const) expect(pipeline.upload(role, scrub)).toEqual([0, 0])
  return pipeline
}

test('a request for RAM that the host has not seen is not open: nothing changes, and no flag of its answers it', () => {
  const { host, realms } = withScrubbedRequests()
  const { gate } = realms
  const rec = gate.recs[0]!
  let response: readonly bigint[] = []
  const exit = rec.begin(function* (cpu) {
    const x = yield* cpu.smc([RSI_IPA_STATE_SET, BigInt(FREE), BigInt(FREE + PAGE), BigInt(RIPAS_RAM), 0n])
    response = x.slice(0, 3)
  })
  expect(exit).toMatchObject({ exit_reason: RMI_EXIT_IRQ, ripas_base: 0n, ripas_top: 0n, ripas_value: 0 })
  expect(host.status(RMI_RTT_SET_RIPAS, gate.rd, rec.address, FREE, FREE + PAGE)).toEqual([1, 0])
  rec.enter({ flags: RMI_ENTER_RIPAS_REJECT })
  expect(response).toEqual([RSI_SUCCESS, BigInt(FREE), RSI_ACCEPT])
  expect(entryAt(gate, FREE).ripas).toBe('empty')
})

test('without a policy the same flag refuses it', () => {
  const { gate } = new Pipeline().realms
  let response: readonly bigint[] = []
  gate.recs[0]!.begin(function* (cpu) {
    const x = yield* cpu.smc([RSI_IPA_STATE_SET, BigInt(FREE), BigInt(FREE + PAGE), BigInt(RIPAS_RAM), 0n])
    response = x.slice(0, 3)
  })
  gate.recs[0]!.enter({ flags: RMI_ENTER_RIPAS_REJECT })
  expect(response).toEqual([RSI_SUCCESS, BigInt(FREE), RSI_REJECT])
})

test('folding and unfolding the host’s memory gives a Realm with a policy no right that the policy does not list', () => {
  const pipeline = new Pipeline()
  const { host, realms } = pipeline
  const { gate } = realms
  // All of the block is listed, for reading.
  const widen = ({ memories }: Parts): void => {
    const nic = memories[3]!
    memories[3] = { ...nic, granules: 512, mappings: [{ peer: 0, rights: 1, ipaGranule: BLOCK / PAGE }] }
  }
  for (const role of ['gate', 'encoder', 'moderator'] as const) expect(pipeline.upload(role, widen)).toEqual([0, 0])
  const ipa = UNPROTECTED + BLOCK
  const memory = 0x8040_0000
  const READ_ONLY = 0x58
  for (let page = 0; page < 512; page++) {
    host.demand(RMI_RTT_MAP_UNPROTECTED, gate.rd, ipa + page * PAGE, 3, memory + page * PAGE + READ_ONLY)
  }
  const access = () => (['read', 'write', 'fetch'] as const).filter((kind) => gate.can(kind, ipa + 7 * PAGE))
  expect(access()).toEqual(['read'])
  const table = entryAt(gate, ipa, 2).descriptor
  host.demand(RMI_RTT_FOLD, gate.rd, ipa, 3)
  expect(entryAt(gate, ipa)).toMatchObject({ level: 2, descriptor: memory + READ_ONLY })
  expect(access()).toEqual(['read'])
  host.demand(RMI_RTT_CREATE, gate.rd, table, ipa, 3)
  expect(access()).toEqual(['read'])
  // And a block that is not wholly listed is not mapped, nor one with more rights.
  host.demand(RMI_RTT_FOLD, gate.rd, ipa, 3)
  expect(host.status(RMI_RTT_MAP_UNPROTECTED, gate.rd, ipa + BLOCK, 2, memory + READ_ONLY)).toEqual([1, 0])
  expect(host.status(RMI_RTT_MAP_UNPROTECTED, gate.rd, ipa, 2, memory + READ_WRITE)).toEqual([1, 0])
})
