import {
  GRANULE_SIZE,
  type Guest,
  Machine,
  type MachineEvent,
  type MachineOptions,
  physicalAddressOf,
} from '../src/index.ts'
import { enter, nameOf } from './monitor.ts'
import { BASE, RealmMemory } from './realm-memory.ts'

export const SEED = new Uint8Array(32).fill(7)
export const IMAGE = 0x20_0000
export const DATA = 0x40_0000

export interface ImageRun {
  readonly machine: Machine
  readonly realm: RealmMemory
  readonly guest: Guest
  readonly events: MachineEvent[]
}

/** The bytes of an image that runs `source`. */
export function imageOf(source: string): Uint8Array {
  const text = Buffer.from(source)
  const header = Buffer.alloc(16)
  header.write('mica-pe1')
  header.writeUInt32LE(text.length, 8)
  return new Uint8Array(Buffer.concat([header, text]))
}

let firstGranule = 16

/** A guest that runs `source`, with one page of data at {@link DATA}. Call `machine.stop()` in the end. */
export function imageGuest(source: string, options: Partial<MachineOptions> = {}, machine?: Machine): ImageRun {
  const events: MachineEvent[] = []
  const on =
    machine ??
    new Machine({
      seed: SEED,
      dram: { base: BASE, size: 0x100_0000 },
      events: (event) => events.push(event),
      debugGuests: true,
      ...options,
    })
  if (machine === undefined) firstGranule = 16
  const realm = new RealmMemory(on.memory, { firstGranule })
  const image = imageOf(source)
  for (let offset = 0; offset < image.length; offset += GRANULE_SIZE) {
    const address = realm.page(IMAGE + offset, 'rx')
    on.memory.write('realm', physicalAddressOf(address), image.subarray(offset, offset + GRANULE_SIZE))
  }
  realm.page(DATA, 'rw')
  const guest = on.guests({ rec: '0x8000f000', stage2: realm.root, pc: BigInt(IMAGE), gprs: [] })
  firstGranule += 512
  return { machine: on, realm, guest, events }
}

/** Resumes until the guest calls the monitor, and gives its registers. */
export function untilSmc(guest: Guest): readonly bigint[] {
  for (let exits = 0; exits < 100; exits++) {
    const exit = nameOf(enter(guest))
    if (exit === 'smc') return Array.from(guest.x)
    if (exit !== 'irq') throw new Error(`unexpected exit ${exit}`)
  }
  throw new Error('the guest does not call')
}
