import type { Hono } from 'hono'
import { answer, type Env, refuse, wantedRange } from '../http.ts'
import { DISCOVERY_TYPE, DOCUMENT_TYPES, EVIDENCE_TYPES } from '../media-types.ts'
import { isProblem } from '../problem.ts'
import type { Service } from '../service.ts'
import { publicKeyOf } from '../signer.ts'
import { VERSION } from '../version.ts'

/** What the service offers, and the key that its results are to be verified with. */
export function addDiscovery(app: Hono<Env>, service: Service): void {
  const offer = (path: string, about: () => object): void => {
    app.get(path, (c) => {
      const range = wantedRange(c, DISCOVERY_TYPE)
      return isProblem(range) ? refuse(c, range) : answer(DISCOVERY_TYPE, 200, about())
    })
  }
  offer('/.well-known/veraison/verification', () => ({
    'ear-verification-key': publicKeyOf(service.signer),
    'media-types': EVIDENCE_TYPES,
    version: VERSION,
    'service-state': 'READY',
    'api-endpoints': { newChallengeResponseSession: '/challenge-response/v1/newSession' },
  }))
  offer('/.well-known/veraison/provisioning', () => ({
    'media-types': DOCUMENT_TYPES,
    version: VERSION,
    'service-state': 'READY',
    'api-endpoints': { provisioningSubmit: '/endorsement-provisioning/v1/submit' },
  }))
}
