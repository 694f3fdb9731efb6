import { describe, expect, test } from 'vitest'
import {
  decodeRsiHostCall,
  encodeRsiHostCall,
  RMI_DATA_DESTROY,
  RMI_EXIT_HOST_CALL,
  RMI_EXIT_SYNC,
  RMI_RTT_SET_RIPAS,
  RSI_ERROR_INPUT,
  RSI_HOST_CALL,
  RSI_IPA_STATE_SET,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import type { Condition, GuestWorld } from '../conditions.ts'
import { testGuestErrors } from '../conditions.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { contentOf } from '../small-world.ts'
import { testUnpopulated } from './buffer.ts'
import { EMPTY, guestWorld, UNPOPULATED } from './guest-world.ts'

const GPRS = Array.from({ length: 31 }, (_, i) => BigInt(0x1000 + i))
const ANSWERS = Array.from({ length: 31 }, (_, i) => BigInt(0x2000 + i))

/** Where the structure is: not at the beginning of its page. */
const PLACE = RAM + 0x300

/** Makes a host call up to its exit. x0 of the answer is what `answer` gives, when there is one. */
function callHost(realm: ScriptedRealm) {
  let x0: bigint | undefined
  const exit = realm.begin(function* (cpu) {
    yield* cpu.store(PLACE, encodeRsiHostCall({ imm: 0xabcd, gprs: GPRS }))
    x0 = (yield* cpu.smc([RSI_HOST_CALL, BigInt(PLACE)]))[0]
  })
  return { exit, answer: () => x0 }
}

const conditions: readonly Condition<GuestWorld>[] = [
  { name: 'addr_align: to 256 bytes', x: { 1: RAM + 0x80 }, expect: [RSI_ERROR_INPUT] },
  { name: 'addr_align: across two pages', x: { 1: RAM + 0xf80 }, expect: [RSI_ERROR_INPUT] },
  { name: 'addr_bound: unprotected', x: { 1: UNPROTECTED }, expect: [RSI_ERROR_INPUT] },
  { name: 'addr_bound: beyond the address space', x: { 1: 2n ** 32n }, expect: [RSI_ERROR_INPUT] },
  { name: 'addr_ripas: empty', x: { 1: EMPTY }, expect: [RSI_ERROR_INPUT] },
]

describe('RSI_HOST_CALL', () => {
  testGuestErrors(RSI_HOST_CALL, () => guestWorld([RAM]), conditions)

  test('the host sees immediate and registers of the structure, and nothing else of the Realm', () => {
    const { realm } = guestWorld([])
    const { exit, answer } = callHost(realm)
    expect(exit).toMatchObject({ exit_reason: RMI_EXIT_HOST_CALL, imm: 0xabcd, gprs: GPRS, esr: 0n, hpfar: 0n })
    expect(answer()).toBe(undefined)
  })

  test('the host’s registers are in the structure when the Realm goes on, and the immediate stays', () => {
    const { host, realm } = guestWorld([])
    const { answer } = callHost(realm)
    realm.enter({ gprs: ANSWERS })
    expect(answer()).toBe(RSI_SUCCESS)
    const structure = contentOf(host, realm.ram[0]!).subarray(0x300, 0x400)
    expect(decodeRsiHostCall(structure)).toEqual({ imm: 0xabcd, gprs: ANSWERS })
  })

  test('a page that the host has taken meanwhile is an exit, not a failed entry', () => {
    const { host, realm } = guestWorld([])
    const { answer } = callHost(realm)
    host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
    // The recorded firmware does not mask the offset in the page out of HPFAR_EL2.
    expect(realm.enter({ gprs: ANSWERS })).toMatchObject({ exit_reason: RMI_EXIT_SYNC, hpfar: BigInt(PLACE / 256) })
    expect(answer()).toBe(undefined)
  })

  test('the immediate has 32 bits, as in the recorded firmware', () => {
    const { realm } = guestWorld([])
    const exit = realm.begin(function* (cpu) {
      yield* cpu.store(PLACE, encodeRsiHostCall({ imm: 0x8765_4321 }))
      yield* cpu.smc([RSI_HOST_CALL, BigInt(PLACE)])
    })
    expect(exit).toMatchObject({ imm: 0x8765_4321 })
  })

  test('a page that the host has taken shows what became of its interrupts, but not by the recorded firmware', () => {
    const lrs = (firmware?: 'rmm-spec-v1.0-rel0') => {
      const realm = new ScriptedHost({ mica: false, firmware }).createRealm()
      callHost(realm)
      realm.host.demand(RMI_DATA_DESTROY, realm.rd, RAM)
      const exit = realm.enter({ gicv3_lrs: [(1n << 62n) | 40n], gicv3_hcr: 2n })
      return typeof exit === 'number' ? exit : [exit.gicv3_lrs[0], exit.gicv3_hcr]
    }
    expect(lrs()).toEqual([(1n << 62n) | 40n, 2n])
    expect(lrs('rmm-spec-v1.0-rel0')).toEqual([0n, 0n])
  })

  test('a page that the Realm has declared empty meanwhile gets no answer, and the call has none', () => {
    const host = new ScriptedHost({ mica: false })
    const realm = host.createRealm({ recs: [{}, {}] })
    const [, other] = realm.recs
    const { answer } = callHost(realm)
    other!.begin((cpu) => cpu.smc([RSI_IPA_STATE_SET, BigInt(RAM), BigInt(RAM + PAGE), 0n, 0n]))
    host.demand(RMI_RTT_SET_RIPAS, realm.rd, other!.address, RAM, RAM + PAGE)
    realm.enter({ gprs: ANSWERS })
    expect(answer()).toBe(RSI_HOST_CALL)
    expect(decodeRsiHostCall(contentOf(host, realm.ram[0]!).subarray(0x300, 0x400)).gprs).toEqual(GPRS)
  })

  testUnpopulated(RSI_HOST_CALL, [UNPOPULATED], [])
})
