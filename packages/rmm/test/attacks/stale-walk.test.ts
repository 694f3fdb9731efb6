import { addressWords, DESCRIPTOR_TYPE, S2AP_READ, S2AP_WRITE } from '@mica/hw-sim'
import { expect, test } from 'vitest'
import {
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_REALM_ACTIVATE,
  RMI_RTT_CREATE,
  RMI_RTT_DESTROY,
  RMI_RTT_FOLD,
  RMI_RTT_INIT_RIPAS,
} from '../../src/abi/index.ts'
import { PAGE, RAM, ScriptedHost } from '../scripted-host.ts'

/** An address with a table of level 3 to itself. */
const IPA = 0x40_0000

/** A page that, read as a table of level 3, maps its first entry to `address`, readable and writable. */
function forgedTable(address: number): Uint8Array {
  const page = new Uint8Array(PAGE)
  const [low, high] = addressWords(address, false)
  const view = new DataView(page.buffer)
  view.setUint32(0, (low | DESCRIPTOR_TYPE.tableOrPage | S2AP_READ | S2AP_WRITE) >>> 0, true)
  view.setUint32(4, high, true)
  return page
}

test('a table that the host takes away and fills anew leads no PE that still remembers it to the memory of a victim', () => {
  const host = new ScriptedHost()
  const victim = host.createRealm()
  const accomplice = host.createRealm({ activate: false })
  const table = host.delegated()
  host.demand(RMI_RTT_CREATE, accomplice.rd, table, IPA, 3)
  host.demand(RMI_RTT_INIT_RIPAS, accomplice.rd, IPA, IPA + PAGE)
  host.demand(RMI_DATA_CREATE_UNKNOWN, accomplice.rd, host.delegated(), IPA)
  host.demand(RMI_REALM_ACTIVATE, accomplice.rd)
  const second = host.createRealm({ activate: false })
  const forged = host.page(forgedTable(victim.ram[0]!))

  // The last thing that its PE does is to walk through the table. No granule changes its world from here on.
  expect(accomplice.can('read', IPA)).toBe(true)
  host.demand(RMI_DATA_DESTROY, accomplice.rd, IPA)
  host.demand(RMI_RTT_DESTROY, accomplice.rd, IPA, 3)
  host.demand(RMI_DATA_CREATE, second.rd, table, 0x18_0000, forged, 0)

  expect(accomplice.can('read', IPA)).toBe(false)
})

test('a table that the host folds away and fills anew leads no PE that still remembers it past the block that took its place', () => {
  const host = new ScriptedHost()
  const victim = host.createRealm()
  const accomplice = host.createRealm({ activate: false })
  const table = host.delegated()
  host.demand(RMI_RTT_CREATE, accomplice.rd, table, IPA, 3)
  host.demand(RMI_RTT_INIT_RIPAS, accomplice.rd, IPA, IPA + 512 * PAGE)
  const memory = 0x8080_0000
  for (let page = 0; page < 512; page++) {
    host.demand(RMI_DATA_CREATE_UNKNOWN, accomplice.rd, host.delegate(memory + page * PAGE), IPA + page * PAGE)
  }
  host.demand(RMI_REALM_ACTIVATE, accomplice.rd)
  const second = host.createRealm({ activate: false })
  const forged = host.page(forgedTable(victim.ram[0]!))
  const store = (realm: typeof victim, ipa: number, value: bigint): void => {
    realm.recs[0]!.perform(function* (cpu) {
      yield* cpu.store64(ipa, value)
    })
  }
  store(victim, RAM, 0x5ec7e7n)

  // The last thing that its PE does is to walk through the table. No granule changes its world from here on.
  store(accomplice, IPA, 1n)
  host.demand(RMI_RTT_FOLD, accomplice.rd, IPA, 3)
  host.demand(RMI_DATA_CREATE, second.rd, table, 0x18_0000, forged, 0)

  const read = accomplice.recs[0]!.perform(function* (cpu) {
    return yield* cpu.load64(IPA)
  })
  expect(read.value).toBe(1n)
})
