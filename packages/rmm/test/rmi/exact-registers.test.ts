import { expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import * as abi from '../../src/abi/index.ts'
import type { Word } from '../conditions.ts'
import { lookalikes } from '../lookalikes.ts'
import { PAGE, RAM, type RealmOptions, type ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { smallHost } from '../small-world.ts'

const FREE = 0x40_0000
const TABLE = 0x20_0000

/** A command with arguments with which it succeeds in a fresh world. */
interface GoodCall {
  readonly fid: bigint
  readonly realm?: RealmOptions
  readonly args: (realm: ScriptedRealm, host: ScriptedHost) => readonly Word[]
}

const NEW: RealmOptions = { activate: false }

const calls: readonly GoodCall[] = [
  { fid: abi.RMI_VERSION, args: () => [abi.ABI_VERSION] },
  { fid: abi.RMI_GRANULE_DELEGATE, args: (_, host) => [host.page()] },
  { fid: abi.RMI_GRANULE_UNDELEGATE, args: (_, host) => [host.delegated()] },
  {
    fid: abi.RMI_REALM_CREATE,
    args: (_, host) => {
      const params = { s2sz: 32, num_bps: 1, num_wps: 1, vmid: 77, rtt_level_start: 1n, rtt_num_start: 1 }
      const rtt_base = BigInt(host.delegated())
      return [host.delegated(), host.page(abi.encodeRmiRealmParams({ ...params, rtt_base }))]
    },
  },
  { fid: abi.RMI_REALM_ACTIVATE, realm: NEW, args: ({ rd }) => [rd] },
  {
    fid: abi.RMI_REALM_DESTROY,
    realm: { recs: [] },
    args: ({ rd }, host) => {
      for (const base of [0, UNPROTECTED]) host.demand(abi.RMI_RTT_DESTROY, rd, base + TABLE, 3)
      host.demand(abi.RMI_RTT_DESTROY, rd, UNPROTECTED, 3)
      host.demand(abi.RMI_RTT_DESTROY, rd, UNPROTECTED, 2)
      host.demand(abi.RMI_DATA_DESTROY, rd, RAM)
      host.demand(abi.RMI_DATA_DESTROY, rd, RAM + PAGE)
      host.demand(abi.RMI_RTT_DESTROY, rd, 0, 3)
      host.demand(abi.RMI_RTT_DESTROY, rd, 0, 2)
      return [rd]
    },
  },
  { fid: abi.RMI_REC_AUX_COUNT, args: ({ rd }) => [rd] },
  {
    fid: abi.RMI_REC_CREATE,
    realm: NEW,
    args: ({ rd }, host) => {
      const aux = Array.from({ length: abi.REC_AUX_COUNT }, () => BigInt(host.delegated()))
      const params = { mpidr: 1n, num_aux: BigInt(aux.length), aux }
      return [rd, host.delegated(), host.page(abi.encodeRmiRecParams(params))]
    },
  },
  { fid: abi.RMI_REC_DESTROY, args: ({ rec }) => [rec] },
  { fid: abi.RMI_REC_ENTER, args: ({ rec, run }) => [rec, run] },
  {
    fid: abi.RMI_DATA_CREATE,
    realm: NEW,
    args: ({ rd }, host) => [rd, host.delegated(), TABLE, host.page(), abi.RMI_MEASURE_CONTENT],
  },
  { fid: abi.RMI_DATA_CREATE_UNKNOWN, args: ({ rd }, host) => [rd, host.delegated(), TABLE] },
  { fid: abi.RMI_DATA_DESTROY, args: ({ rd }) => [rd, RAM] },
  { fid: abi.RMI_RTT_CREATE, args: ({ rd }, host) => [rd, host.delegated(), FREE, 3] },
  { fid: abi.RMI_RTT_DESTROY, args: ({ rd }) => [rd, TABLE, 3] },
  { fid: abi.RMI_RTT_FOLD, args: ({ rd }) => [rd, TABLE, 3] },
  { fid: abi.RMI_RTT_READ_ENTRY, args: ({ rd }) => [rd, RAM, 3] },
  { fid: abi.RMI_RTT_INIT_RIPAS, realm: NEW, args: ({ rd }) => [rd, TABLE, TABLE + PAGE] },
  {
    fid: abi.RMI_RTT_SET_RIPAS,
    args: ({ rd, rec, recs }) => {
      recs[0]!.begin((cpu) => cpu.smc([abi.RSI_IPA_STATE_SET, BigInt(TABLE), BigInt(TABLE + PAGE), 1n]))
      return [rd, rec, TABLE, TABLE + PAGE]
    },
  },
  { fid: abi.RMI_RTT_MAP_UNPROTECTED, args: ({ rd }) => [rd, UNPROTECTED, 3, 0x8000_10d8] },
  {
    fid: abi.RMI_RTT_UNMAP_UNPROTECTED,
    args: (realm) => {
      realm.mapUnprotected(0x8000_1000, UNPROTECTED)
      return [realm.rd, UNPROTECTED, 3]
    },
  },
  {
    fid: abi.RMI_PSCI_COMPLETE,
    realm: { recs: [{}, { runnable: false }] },
    args: ({ recs }) => {
      recs[0]!.begin((cpu) => cpu.smc([abi.PSCI_CPU_ON_64, 1n, BigInt(RAM), 0n]))
      return [recs[0]!.address, recs[1]!.address, abi.PSCI_DENIED]
    },
  },
]

test.each(calls.map((call) => [abi.rmiCommandName(call.fid)!, call] as const))(
  '%s takes no register for another one, whatever a double would make of it',
  (_, { fid, realm: options, args: prepare }) => {
    const host = smallHost({ dramSize: 0x40_0000 })
    const realm = host.createRealm({ ramPages: 2, ...options })
    const args = prepare(realm, host).map(BigInt)
    const before = machineState(host)
    for (const [index, value] of args.entries()) {
      for (const other of lookalikes(value)) {
        const x = args.with(index, other)
        expect(host.smc(fid, ...x)[0], `x${index + 1} is 0x${other.toString(16)}`).not.toBe(0n)
      }
    }
    expect(machineState(host)).toBe(before)
    expect(host.smc(fid, ...args)[0]).toBe(0n)
  },
)

test('a feature register whose number only begins like 0 is none', () => {
  const host = smallHost()
  for (const index of lookalikes(0n)) expect(host.smc(abi.RMI_FEATURES, index).slice(0, 2)).toEqual([0n, 0n])
})

test('level -1 is all ones, and nothing near it', () => {
  const host = smallHost({ identification: { ID_AA64MMFR0_EL1: 0x1000_0006n } })
  const params = { flags: abi.RMI_REALM_FLAG_LPA2, s2sz: 52, num_bps: 1, num_wps: 1, vmid: 9 }
  const start = { rtt_base: BigInt(host.delegated()), rtt_level_start: -1n, rtt_num_start: 1 }
  const rd = host.delegated()
  host.demand(abi.RMI_REALM_CREATE, rd, host.page(abi.encodeRmiRealmParams({ ...params, ...start })))
  const level = 2n ** 64n - 1n
  expect(host.smc(abi.RMI_RTT_READ_ENTRY, rd, 0, level).slice(0, 2)).toEqual([0n, level])
  const noLevels = lookalikes(level).filter((other) => other > 3n)
  for (const other of noLevels) expect(host.smc(abi.RMI_RTT_READ_ENTRY, rd, 0, other)[0]).not.toBe(0n)
})
