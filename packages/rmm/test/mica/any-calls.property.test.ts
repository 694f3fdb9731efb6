import fc from 'fast-check'
import { expect, test } from 'vitest'
import { brokenInvariants } from '../../lab/invariants.ts'
import { rmiCommandName, rsiCommandName } from '../../src/abi/index.ts'
import { PAGE, RAM, type ScriptedHost, UNPROTECTED } from '../scripted-host.ts'
import { at, Pipeline, RAW } from './pipeline.ts'

const from = (first: bigint, count: number) => Array.from({ length: count }, (_, i) => first + BigInt(i))
const RMI = from(0xc400_0150n, 0x30).filter((fid) => rmiCommandName(fid) !== undefined)
const RSI = from(0xc400_0190n, 0x40).filter((fid) => rsiCommandName(fid) !== undefined)
const OTHERS = [0x8400_0000n, 0x8400_000an, 0xc400_0003n, 0x8000_0000n, 0n, 2n ** 64n - 1n]

/** What a guest may name: memory, a shared granule, the unprotected half, and edges. */
const PLACES = [RAM, RAM + 8, RAM + 256, RAM + PAGE, RAM + 24 * PAGE, at(RAW), UNPROTECTED].map(BigInt)
const EDGES = [0n, 1n, 2n, 4n, 5n, 64n, 65n, 4096n, 2n ** 32n, 2n ** 52n, 2n ** 63n, 2n ** 64n - 1n]

/** Everything that an argument of the host may plausibly be, so that calls get past their first guards. */
function plausible({ host, realms, raw }: Pipeline): readonly bigint[] {
  const { gate, encoder } = realms
  const spare = Array.from({ length: 4 }, () => host.delegated())
  const values = [gate.rd, gate.rec, gate.run, encoder.rd, gate.ram[3]!, raw[0]!, ...spare, host.page(), 0x8000_0000]
  const places = [at(RAW), RAM, RAM + PAGE, at(0x180), 0x20_0000, 0x40_0000, UNPROTECTED, UNPROTECTED + PAGE]
  return [...values, ...places, 0, 1, 2, 3, 8, 0x8000_00d8, 2 ** 52].map(BigInt).concat(2n ** 63n, 2n ** 64n - 1n)
}

function expectSound(host: ScriptedHost): void {
  expect(brokenInvariants(host)).toEqual([])
}

test('whatever the host calls once policies are in force, nothing throws and no granule is lost', () => {
  const call = fc.tuple(fc.nat(), fc.array(fc.nat(), { minLength: 5, maxLength: 5 }))
  fc.assert(
    fc.property(fc.array(call, { minLength: 20, maxLength: 60 }), (calls) => {
      const pipeline = new Pipeline().uploadAll()
      const values = plausible(pipeline)
      for (const [fid, args] of calls) {
        pipeline.host.smc(RMI[fid % RMI.length]!, ...args.map((arg) => values[arg % values.length]!))
      }
      expectSound(pipeline.host)
    }),
    { numRuns: 15 },
  )
})

test('whatever a guest with a policy calls, nothing throws and the host gets its core back', () => {
  const value = fc.constantFrom(...PLACES, ...EDGES)
  const call = fc.tuple(fc.constantFrom(...RSI, ...OTHERS), fc.array(value, { minLength: 3, maxLength: 3 }))
  fc.assert(
    fc.property(fc.array(call, { minLength: 5, maxLength: 30 }), (calls) => {
      const pipeline = new Pipeline().uploadAll()
      const { gate } = pipeline.realms
      for (const [fid, args] of calls) {
        gate.queue.push({ job: (cpu) => cpu.smc([fid, ...args]), done: false })
        for (const entry of [{ gprs: [1n, 2n] }, {}]) expect(gate.enter(entry)).toBeTypeOf('object')
      }
      expectSound(pipeline.host)
    }),
    { numRuns: 10 },
  )
})
