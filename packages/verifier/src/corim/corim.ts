import type { CborValue } from '@mica/policy/cbor'
import type { EndorsementFile } from '../endorsements/endorsement-file.ts'
import { EndorsementCollector, readComid } from './comid.ts'
import { type CorimSubject, subjectOf } from './profile.ts'
import { type CorimMap, type Reading, shownValue, tagged } from './reading.ts'
import { checkValidity } from './validity.ts'

/** Tag of an unsigned manifest. */
export const TAG_CORIM = 501
const TAG_COMID = 506
const TAG_URI = 32

// CoRIM: corim-map.
const ID = 0
const TAGS = 1
const DEPENDENT_RIMS = 2
const PROFILE = 3
const VALIDITY = 4
const ENTITIES = 5

/**
 * Reads the content of an unsigned CoRIM (draft-ietf-rats-corim) in the CCA dialects.
 * @param value What stands under tag 501.
 * @returns What it endorses; `undefined` after a refusal.
 */
export function readCorimMap(reading: Reading, value: CborValue, at: Date): EndorsementFile | undefined {
  const map = reading.map(value, 'CoRIM')
  if (map === undefined) return undefined
  if (!isId(map.get(ID))) return reading.refuse('the id of the CoRIM is neither text nor a UUID')
  const subject = readProfile(reading, map)
  const tags = reading.list(map.get(TAGS), 'the list of tags')
  if (subject === undefined || tags === undefined) return undefined
  if (!checkValidity(reading, map.get(VALIDITY), at, 'the CoRIM')) return undefined
  if (map.has(DEPENDENT_RIMS)) reading.note('it depends on other manifests, which are not fetched')
  for (const key of map.keys()) {
    if (![ID, TAGS, DEPENDENT_RIMS, PROFILE, VALIDITY, ENTITIES].includes(Number(key)))
      reading.note(`an extension of the manifest is passed over: ${shownValue(key)}`)
  }
  const collector = new EndorsementCollector(reading, subject === 'any' ? undefined : subject)
  for (const tag of tags) {
    const comid = tagged(tag, TAG_COMID)
    if (comid instanceof Uint8Array) readComid(reading, collector, comid)
    else if (tagTypeOf(tag) === undefined || tagTypeOf(tag) === TAG_COMID)
      reading.refuse('a tag of the CoRIM is no 506(bytes)')
    else reading.note(`a tag of type ${tagTypeOf(tag)} is passed over`)
    if (reading.refusal !== undefined) return undefined
  }
  return collector.finish()
}

const isId = (id: unknown): boolean =>
  typeof id === 'string' || (id instanceof Uint8Array && id.length === 16) || tagged(id as CborValue, 37) !== undefined

const tagTypeOf = (value: CborValue): number | undefined =>
  typeof value === 'object' && value !== null && 'tag' in value ? value.tag : undefined

/** The subject that the profile names: tag 32, or bare text in the legacy dialect; `any` where there is no profile. */
function readProfile(reading: Reading, map: CorimMap): CorimSubject | 'any' | undefined {
  if (!map.has(PROFILE)) return 'any'
  const value = map.get(PROFILE)
  const profile = tagged(value, TAG_URI) ?? value
  const subject = typeof profile === 'string' ? subjectOf(profile) : undefined
  return subject ?? reading.refuse(`profile ${shownValue(profile)} is not one of CCA`)
}
