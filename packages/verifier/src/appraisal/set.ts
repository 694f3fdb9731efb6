import type { Finding } from '../findings.ts'
import { type Submodule, submodule } from './submodule.ts'
import { TRUST, uniformVector } from './trust-vector.ts'

/** What the members of a set are to each other. */
export const SET_SUBMODULE = 'MICA_SET'

/**
 * The part of a set's result that is about no single member: whether they are as many Realms as there are tokens, on
 * the platforms that were asked for. Where the evidence cannot tell, nothing is claimed.
 */
export function setSubmodule(findings: readonly Finding[]): Submodule {
  const failed = findings.some(({ severity }) => severity === 'failure')
  const identity = failed ? TRUST.contraindicated : findings.length > 0 ? TRUST.none : TRUST.affirmed
  const vector = { ...uniformVector(TRUST.none), 'instance-identity': identity }
  return submodule(SET_SUBMODULE, vector, 'instance-identity', findings)
}
