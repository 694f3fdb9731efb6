import { PAS } from '@mica/hw-sim'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rmiCommandName } from '../../src/abi/index.ts'
import { GRANULE_STATE } from '../../src/granule/state.ts'
import { at, Pipeline, RAW } from '../mica/pipeline.ts'
import { PAGE, RAM, type ScriptedHost, UNPROTECTED } from '../scripted-host.ts'

const FIDS = Array.from({ length: 0x30 }, (_, i) => 0xc400_0150n + BigInt(i)).filter(
  (fid) => rmiCommandName(fid) !== undefined,
)

/** Everything that an argument may plausibly be, so that calls get past their first guards. */
function interesting({ host, realms, raw }: Pipeline): readonly bigint[] {
  const { gate, encoder } = realms
  const spare = Array.from({ length: 4 }, () => host.delegated())
  const values = [gate.rd, gate.rec, gate.run, encoder.rd, gate.ram[3]!, raw[0]!, ...spare, host.page(), 0x8000_0000]
  const places = [at(RAW), RAM, RAM + PAGE, at(0x180), 0x20_0000, 0x40_0000, UNPROTECTED, UNPROTECTED + PAGE]
  return [...values, ...places, 0, 1, 2, 3, 8, 0x8000_00d8, 2 ** 52].map(BigInt).concat(2n ** 63n, 2n ** 64n - 1n)
}

/** What holds of every granule after every command. */
function brokenInvariants({ machine, rmm }: ScriptedHost): readonly string[] {
  const { granules, realms, recs } = rmm.monitor
  const { memory } = machine
  const broken: string[] = []
  for (let granule = 0; granule < memory.granules; granule++) {
    const state = granules.state(granule)
    const realmWorld = memory.pas(granule) === PAS.realm
    if (realmWorld !== (state !== GRANULE_STATE.undelegated)) broken.push(`granule ${granule} is in the wrong world`)
    if (state === GRANULE_STATE.delegated && memory.granuleBytes(granule).some((byte) => byte !== 0)) {
      broken.push(`granule ${granule} is delegated and not zero`)
    }
    if ((state === GRANULE_STATE.rd) !== realms.has(granule)) broken.push(`granule ${granule} and its Realm disagree`)
    if ((state === GRANULE_STATE.rec) !== recs.has(granule)) broken.push(`granule ${granule} and its REC disagree`)
  }
  return broken
}

test('whatever the host calls, nothing throws and every granule keeps its invariants', () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.array(fc.tuple(fc.nat(), fc.array(fc.nat(), { minLength: 5, maxLength: 5 })), {
        minLength: 20,
        maxLength: 60,
      }),
      (withPolicies, calls) => {
        const pipeline = new Pipeline()
        if (withPolicies) pipeline.uploadAll()
        const values = interesting(pipeline)
        for (const [fid, args] of calls) {
          pipeline.host.smc(FIDS[fid % FIDS.length]!, ...args.map((arg) => values[arg % values.length]!))
        }
        expect(brokenInvariants(pipeline.host)).toEqual([])
      },
    ),
    { numRuns: 25 },
  )
})
