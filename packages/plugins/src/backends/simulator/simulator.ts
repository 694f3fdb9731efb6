import type { Backend, Platform } from '../../backend.ts'
import { attackOnSimulator } from './attacks/attack-on-simulator.ts'
import { attestOnSimulator } from './attest.ts'
import { bootSimulator } from './boot.ts'

/** The simulated machine, in lockstep: one guest runs at a time, in an order drawn from the seed. */
export const simulator: Backend = {
  name: 'simulator',
  description: 'the simulated Arm CCA machine, one guest at a time, repeatable from a seed',
  trust: 'simulated',
  boot: (options): Promise<Platform> => bootSimulator(options),
  attest: attestOnSimulator,
  attack: attackOnSimulator,
}
