import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { type ConstructionStep, decodeRmiRealmParams, measureConstruction } from '../../src/abi/index.ts'
import { hexBytes } from '../trace/text.ts'
import { contentOf, paramsPage, type RimStep, type RimVector } from './vectors.ts'

/** The RIM after each step of a vector, by computation alone. */
export function computeRims(vector: RimVector): string[] {
  const hash = vector.hash_algo === 'sha-256' ? sha256 : sha512
  const steps: ConstructionStep[] = []
  return vector.steps.map((step) => {
    const next = constructionStep(vector, step)
    if (next !== undefined) steps.push(next)
    return hexBytes(measureConstruction(steps, hash))
  })
}

function constructionStep(vector: RimVector, step: RimStep): ConstructionStep | undefined {
  switch (step.op) {
    case 'REALM_CREATE':
      return { op: 'realm-create', params: decodeRmiRealmParams(paramsPage(vector)) }
    case 'RTT_INIT_RIPAS':
      return { op: 'rtt-init-ripas', base: Number(step.base), top: Number(step.top_out), level: step.walk_level }
    case 'DATA_CREATE': {
      const content = contentOf(step.content)
      return { op: 'data-create', ipa: Number(step.ipa), content, measured: step.flags === 1 }
    }
    case 'DATA_CREATE_UNKNOWN':
      return { op: 'data-create-unknown', ipa: Number(step.ipa) }
    case 'REC_CREATE': {
      const params = { flags: BigInt(step.flags), pc: BigInt(step.pc), gprs: step.gprs.map(BigInt) }
      return { op: 'rec-create', params }
    }
    case 'REALM_ACTIVATE':
      return undefined
  }
}
