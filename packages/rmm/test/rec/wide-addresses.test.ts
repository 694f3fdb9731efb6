import { entrySize } from '@mica/hw-sim'
import { expect, test } from 'vitest'
import {
  RIPAS_EMPTY,
  RIPAS_RAM,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_ENTER_EMUL_MMIO,
  RMI_EXIT_RIPAS_CHANGE,
  RMI_EXIT_SYNC,
  RMI_REALM_ACTIVATE,
  RMI_REALM_FLAG_LPA2,
  RMI_RTT_CREATE,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_SET_RIPAS,
  type RmiRecExit,
  RSI_IPA_STATE_GET,
  RSI_IPA_STATE_SET,
  RSI_REALM_CONFIG,
} from '../../src/abi/index.ts'
import { WIDE } from '../rtt/wide-realm.ts'
import { PAGE, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'

const IPA_BITS = 52
/** A page that needs bits 50 and 49 of a protected address, and the first ones of the unprotected half. */
const HIGH = 2 ** 50 + 2 ** 49 + 0x40_0000
const SHARED = 2 ** 51
const DEVICE = 2 ** 51 + 2 ** 50

/** A Realm whose walks start at level -1, with two pages of RAM at {@link HIGH}; the host has only the first. */
function wideRealm(host: ScriptedHost = new ScriptedHost({ mica: false, identification: WIDE })): ScriptedRealm {
  const params = { s2sz: IPA_BITS, rtt_level_start: -1n }
  const realm = host.createRealm({ flags: RMI_REALM_FLAG_LPA2, params, activate: false })
  withTables(realm, HIGH)
  host.demand(RMI_RTT_INIT_RIPAS, realm.rd, HIGH, HIGH + 2 * PAGE)
  host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, host.delegated(), HIGH)
  host.demand(RMI_REALM_ACTIVATE, realm.rd)
  return realm
}

function withTables({ host, rd }: ScriptedRealm, ipa: number): void {
  for (let level = 0; level <= 3; level++) {
    host.smc(RMI_RTT_CREATE, rd, host.delegated(), ipa - (ipa % entrySize(level - 1)), level)
  }
}

/** HPFAR_EL2 of a fault at an address. */
const hpfarOf = (ipa: number): bigint => (BigInt(ipa) >> 12n) << 4n

const asExit = (exit: RmiRecExit | number): RmiRecExit => {
  if (typeof exit === 'number') throw new Error(`RMI_REC_ENTER answered ${exit}`)
  return exit
}

test('a Realm of 52 bits whose walks start at level -1 finds in its memory what it has stored there', () => {
  const { value } = wideRealm().perform(function* (cpu) {
    yield* cpu.store64(HIGH + 8, 0x0123_4567_89ab_cdefn)
    return yield* cpu.load64(HIGH + 8)
  })

  expect(value).toBe(0x0123_4567_89ab_cdefn)
})

test('its calls take addresses of 52 bits, and answer with them', () => {
  const realm = wideRealm()
  const top = HIGH + 2 * PAGE
  expect(realm.call(RSI_IPA_STATE_GET, HIGH, top).slice(0, 3)).toEqual([0n, BigInt(top), BigInt(RIPAS_RAM)])
  const { value } = realm.perform(function* (cpu) {
    yield* cpu.smc([RSI_REALM_CONFIG, BigInt(HIGH)])
    return yield* cpu.load64(HIGH)
  })
  expect(value).toBe(BigInt(IPA_BITS))
})

test('what its host has to provide, or to emulate, is told with all bits of the address', () => {
  const { host, rd, recs } = wideRealm()
  const [rec] = recs
  let loaded: number | undefined
  const missing = asExit(
    rec!.begin(function* (cpu) {
      yield* cpu.store64(HIGH + PAGE, 7n)
      yield* cpu.store64(HIGH + PAGE, 8n)
      loaded = yield* cpu.load32(DEVICE + 4)
    }),
  )
  expect([missing.exit_reason, missing.hpfar]).toEqual([RMI_EXIT_SYNC, hpfarOf(HIGH + PAGE)])

  host.demand(RMI_DATA_CREATE_UNKNOWN, rd, host.delegated(), HIGH + PAGE)
  const device = asExit(rec!.enter())
  expect([device.exit_reason, device.far, device.hpfar]).toEqual([RMI_EXIT_SYNC, 4n, hpfarOf(DEVICE)])

  rec!.enter({ flags: RMI_ENTER_EMUL_MMIO, gprs: [0x1_2345_6789n] })
  expect(loaded).toBe(0x2345_6789)
})

test('memory of the host’s is reached from the unprotected half, and taken back from both', () => {
  const realm = wideRealm()
  const { host, rd } = realm
  const page = host.page(Uint8Array.of(1, 2, 3, 4))
  withTables(realm, SHARED)
  host.demand(RMI_RTT_MAP_UNPROTECTED, rd, SHARED, 3, page + 0xd8)
  expect(
    realm.perform(function* (cpu) {
      return yield* cpu.load32(SHARED)
    }).value,
  ).toBe(0x0403_0201)
  expect(realm.can('read', HIGH)).toBe(true)
  host.demand(RMI_DATA_DESTROY, rd, HIGH)
  expect(realm.can('read', HIGH)).toBe(false)
})

test('a range of it that it declares empty is empty', () => {
  const realm = wideRealm()
  const { host, rd, recs } = realm
  const top = HIGH + 2 * PAGE
  let x: readonly bigint[] | undefined
  const exit = asExit(
    recs[0]!.begin(function* (cpu) {
      x = yield* cpu.smc([RSI_IPA_STATE_SET, BigInt(HIGH), BigInt(top), BigInt(RIPAS_EMPTY), 0n])
    }),
  )
  expect([exit.exit_reason, exit.ripas_base, exit.ripas_top]).toEqual([
    RMI_EXIT_RIPAS_CHANGE,
    BigInt(HIGH),
    BigInt(top),
  ])
  expect(host.demand(RMI_RTT_SET_RIPAS, rd, recs[0]!.address, HIGH, top)[1]).toBe(BigInt(top))
  recs[0]!.enter()
  expect(x?.slice(0, 2)).toEqual([0n, BigInt(top)])
  expect(realm.can('read', HIGH)).toBe(false)
})
