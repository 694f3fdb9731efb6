import { createRegisters, Machine } from '@mica/hw-sim'
import { RMI_GRANULE_DELEGATE, RMI_GRANULE_UNDELEGATE } from '../src/abi/index.ts'
import { Rmm } from '../src/index.ts'

/** One measured figure. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
}

const GRANULES = 4096
const ROUNDS = 40

/** Measures calls through the SMC conduit, registers in and out: a granule is taken, and given back. */
export function rows(): readonly BenchRow[] {
  const machine = new Machine({ seed: new Uint8Array(32), dram: { base: 0x8000_0000, size: GRANULES * 4096 } })
  new Rmm(machine)
  let best = 0
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    takeAndGiveBack(machine)
    best = Math.max(best, (2 * GRANULES) / ((performance.now() - start) / 1000))
  }
  return [{ name: 'rmi.granule_delegate_per_s', value: Math.round(best), unit: 'calls/s' }]
}

/** Delegates every granule of the machine, and undelegates it. */
function takeAndGiveBack(machine: Machine): void {
  const x = createRegisters()
  for (let granule = 0; granule < GRANULES; granule++) {
    const address = 0x8000_0000n + BigInt(granule) * 4096n
    call(machine, x, RMI_GRANULE_DELEGATE, address)
    call(machine, x, RMI_GRANULE_UNDELEGATE, address)
  }
}

function call(machine: Machine, x: ReturnType<typeof createRegisters>, fid: bigint, address: bigint): void {
  x[0] = fid
  x[1] = address
  machine.smc(x)
  if (x[0] !== 0n) throw new Error('the benchmark does not measure what it should')
}
