import { CallingRealm } from '../../lab/calling-realm.ts'
import { RSI_MEASUREMENT_EXTEND } from '../../src/abi/index.ts'
import { malformed, type Outcome, oneLine } from '../outcome.ts'
import { conformanceHost } from '../platform.ts'
import { hex, hexBytes } from '../trace/text.ts'
import { buildRims } from './build-realm.ts'
import { computeRims } from './compute-rim.ts'
import { MEASUREMENT_VECTORS, type MeasurementVectors, type RemVector, type RimVector } from './vectors.ts'

/**
 * Checks every RIM vector, by its commands and by computation alone, and every step of the REM vectors. Vectors are
 * counted for RIMs, steps for REMs.
 */
export function checkMeasurements(json: unknown): Outcome {
  const problem = MEASUREMENT_VECTORS(json, '')
  if (problem !== undefined) return malformed('rim', problem)
  const { vectors = [], rem_extend = [] } = json as MeasurementVectors
  const rim = vectors.map(rimProblem)
  const rem = rem_extend.flatMap(remProblems)
  return {
    tallies: { rim: tally(rim), rem: tally(rem) },
    problem: [...rim, ...rem].find((each) => each !== undefined),
  }
}

function tally(problems: readonly (string | undefined)[]) {
  return { equal: problems.filter((problem) => problem === undefined).length, total: problems.length }
}

/** The first step after which the RIM of a vector is another than the recorded one. */
export function rimProblem(vector: RimVector): string | undefined {
  try {
    for (const [how, rims] of [
      ['by its commands', buildRims(vector)],
      ['by computation', computeRims(vector)],
    ] as const) {
      const i = vector.steps.findIndex(({ rim }, step) => rims[step] !== rim)
      if (i !== -1)
        return `${vector.name} step ${i} ${vector.steps[i]!.op}: rim ${how} is ${rims[i]}, recorded ${vector.steps[i]!.rim}`
    }
    return undefined
  } catch (error) {
    return `${vector.name}: ${oneLine(error)}`
  }
}

/** What is wrong with each step of a REM vector. */
export function remProblems({ hash_algo, steps }: RemVector, vector: number): (string | undefined)[] {
  const realm = new CallingRealm({ hashAlgorithm: hash_algo === 'sha-512' ? 1 : 0 }, conformanceHost({}, false))
  return steps.map(({ index, size, x3_x10, rsi_status, measurements_after }, i) => {
    const at = `REM vector ${vector} step ${i}`
    const [x0] = realm.call(RSI_MEASUREMENT_EXTEND, index, size, ...x3_x10.map(BigInt))
    if (x0 !== BigInt(rsi_status)) return `${at}: status is ${hex(x0!)}, recorded ${hex(rsi_status)}`
    const { rems } = realm.host.rmm.monitor.realmAt(realm.rd)!
    const recorded = measurements_after.slice(1)
    const rem = rems.findIndex((bytes, j) => hexBytes(bytes) !== recorded[j])
    if (rem !== -1) return `${at}: rem ${rem + 1} is ${hexBytes(rems[rem]!)}, recorded ${recorded[rem]}`
    return undefined
  })
}
