import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rsiCommandName } from '../../src/abi/index.ts'
import { at, Pipeline, RAW } from '../mica/pipeline.ts'
import { PAGE, RAM, UNPROTECTED } from '../scripted-host.ts'

const RSI = Array.from({ length: 0x40 }, (_, i) => 0xc400_0190n + BigInt(i)).filter((fid) => rsiCommandName(fid))
const FIDS = [...RSI, 0x8400_0000n, 0x8400_000an, 0xc400_0003n, 0x8000_0000n, 0n, 2n ** 64n - 1n]
const PLACES = [RAM, RAM + 8, RAM + 256, RAM + PAGE, RAM + 24 * PAGE, at(RAW), UNPROTECTED].map(BigInt)
const VALUES = [...PLACES, 0n, 1n, 2n, 4n, 5n, 64n, 65n, 4096n, 2n ** 32n, 2n ** 52n, 2n ** 63n, 2n ** 64n - 1n]

test('whatever a guest calls, nothing throws and the host gets its core back', () => {
  const call = fc.tuple(fc.constantFrom(...FIDS), fc.array(fc.constantFrom(...VALUES), { minLength: 3, maxLength: 3 }))
  fc.assert(
    fc.property(fc.boolean(), fc.array(call, { minLength: 5, maxLength: 30 }), (withPolicies, calls) => {
      const pipeline = new Pipeline()
      if (withPolicies) pipeline.uploadAll()
      const { gate } = pipeline.realms
      for (const [fid, args] of calls) {
        gate.queue.push({ job: (cpu) => cpu.smc([fid, ...args]), done: false })
        for (const entry of [{ gprs: [1n, 2n] }, {}]) expect(gate.enter(entry)).toBeTypeOf('object')
      }
    }),
    { numRuns: 20 },
  )
})
