import { createHash } from 'node:crypto'
import { Machine } from '@mica/hw-sim'
import { Rmm } from '@mica/rmm'
import type { Backend, BootOptions, Platform } from '../../backend.ts'
import { Observations } from './observations.ts'
import { SimulatedPlatform } from './platform.ts'

/** DRAM of a simulated machine: 256 MiB at 2 GiB, room for some dozen Realms. */
export const SIMULATOR_DRAM = { base: 0x8000_0000, size: 0x1000_0000 } as const

/** Realms whose threads are started ahead, while the images are still being loaded. */
const PREPARED_GUESTS = 3

/** Boots a simulated machine with the monitor on it. */
export async function bootSimulator(options: BootOptions): Promise<SimulatedPlatform> {
  const observations = new Observations()
  const machine = new Machine({
    dram: SIMULATOR_DRAM,
    seed: options.seed,
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

/** The simulated machine, in lockstep: one guest runs at a time, in an order drawn from the seed. */
export const simulator: Backend = {
  name: 'simulator',
  description: 'the simulated Arm CCA machine, one guest at a time, repeatable from a seed',
  trust: 'simulated',
  boot: (options): Promise<Platform> => bootSimulator(options),
}
