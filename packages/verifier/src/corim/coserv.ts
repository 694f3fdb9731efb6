import type { CborValue } from '@mica/policy/cbor'
import { equalBytes } from '../bytes.ts'
import { platformProfile, realmGeneration } from '../cca-token/profile.ts'
import type { EndorsementFile } from '../endorsements/endorsement-file.ts'
import type { PlatformReference } from '../endorsements/reference-values.ts'
import { EndorsementCollector } from './comid.ts'
import { type CorimSubject, subjectOf } from './profile.ts'
import { type CorimMap, type Reading, shownValue, tagged } from './reading.ts'

/** Key of the result set, which tells an answer from a query. */
export const RESULT_SET = 2

// CoSERV: coserv-map, result-set, and the quads of a result.
const PROFILE = 0
const REFERENCE_QUADS = 0
const ATTEST_KEY_QUADS = 3
const EXPIRY = 10
const AUTHORITIES = 1
const TRIPLE = 2
const TAG_DATE_TIME = 0

/**
 * Reads a CoSERV result set (draft-ietf-rats-coserv): the answer of an endorsement store to a query. Its profile is
 * that of the token or that of a manifest; each quad is a triple with the authority behind it.
 */
export function readCoserv(reading: Reading, map: CorimMap, at: Date): EndorsementFile | undefined {
  const profile = map.get(PROFILE)
  const subject = typeof profile === 'string' ? subjectOfQuery(profile) : undefined
  if (subject === undefined) return reading.refuse(`profile ${shownValue(profile)} is not one of CCA`)
  const results = reading.map(map.get(RESULT_SET), 'the result set')
  if (results === undefined || !isCurrent(reading, results.get(EXPIRY), at)) return undefined
  const collector = new EndorsementCollector(reading, subject)
  for (const [kind, list] of results) {
    if (kind === EXPIRY) continue
    if (kind !== REFERENCE_QUADS && kind !== ATTEST_KEY_QUADS) {
      reading.note(`results of kind ${shownValue(kind)} are passed over`)
      continue
    }
    if (!Array.isArray(list)) return reading.refuse('a result set holds something that is no list of quads')
    for (const quad of list) {
      const triple = readQuad(reading, quad)
      if (triple === undefined) return undefined
      if (kind === REFERENCE_QUADS) collector.reference(triple)
      else collector.attestKey(triple)
    }
  }
  if (reading.refusal !== undefined) return undefined
  const file = collector.finish()
  return { ...file, endorsements: { ...file.endorsements, platforms: joined(file.endorsements.platforms) } }
}

function subjectOfQuery(profile: string): CorimSubject | undefined {
  if (platformProfile(profile) !== undefined) return 'platform'
  return realmGeneration(profile) !== undefined ? 'realm' : subjectOf(profile)
}

function readQuad(reading: Reading, value: CborValue): CborValue | undefined {
  const quad = reading.map(value, 'a quad')
  if (quad === undefined) return undefined
  if (!Array.isArray(quad.get(AUTHORITIES))) return reading.refuse('a quad names no authority')
  return quad.get(TRIPLE) ?? reading.refuse('a quad has no triple')
}

function isCurrent(reading: Reading, value: CborValue | undefined, at: Date): boolean {
  const text = tagged(value, TAG_DATE_TIME)
  const expiry = typeof text === 'string' ? Date.parse(text) : Number.NaN
  if (Number.isNaN(expiry)) reading.refuse('the result set has no time of expiry')
  else if (expiry < at.getTime()) reading.refuse(`the result set expired at ${new Date(expiry).toISOString()}`)
  return reading.refusal === undefined
}

/** Stores answer with one quad for each component of a platform: those of one implementation are one state of it. */
function joined(parts: readonly PlatformReference[]): readonly PlatformReference[] {
  const platforms: PlatformReference[] = []
  for (const part of parts) {
    const index = platforms.findIndex((known) => equalBytes(known.implementationId, part.implementationId))
    const known = platforms[index]
    if (known === undefined) platforms.push(part)
    else platforms[index] = { ...known, ...part, components: [...known.components, ...part.components] }
  }
  return platforms
}
