import { createHash } from 'node:crypto'
import { type GuestMaker, Machine } from '@mica/hw-sim'
import { Rmm } from '@mica/rmm'
import type { BootOptions } from '../../backend.ts'
import { Observations } from './observations.ts'
import { SimulatedPlatform } from './platform.ts'

/** DRAM of a simulated machine: 256 MiB at 2 GiB, room for some dozen Realms. */
export const SIMULATOR_DRAM = { base: 0x8000_0000, size: 0x1000_0000 } as const

/** Realms whose threads are started ahead, while the images are still being loaded. */
const PREPARED_GUESTS = 3

/** Boots a simulated machine with the monitor on it. `guests` run in place of the images that are loaded. */
export async function bootSimulator(options: BootOptions, guests?: GuestMaker): Promise<SimulatedPlatform> {
  const observations = new Observations()
  const machine = new Machine({
    dram: SIMULATOR_DRAM,
    seed: options.seed,
    ...(guests === undefined ? {} : { guests }),
    events: (event) => {
      observations.note(event)
      options.onEvent?.(event)
    },
  })
  const ready = machine.prepare(PREPARED_GUESTS)
  new Rmm(machine)
  await ready
  return new SimulatedPlatform(machine, observations, scheduleSeed(options.seed))
}

function scheduleSeed(seed: Uint8Array): number {
  return createHash('sha256').update('mica schedule').update(seed).digest().readUInt32LE(0)
}
