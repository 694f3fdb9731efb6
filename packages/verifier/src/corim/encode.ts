import { type CborKey, type CborValue, encodeCbor } from '@mica/policy/cbor'
import { keyFromJwk } from '../cose/key.ts'
import { keyToPem } from '../cose/spki.ts'
import type { EndorsementFile } from '../endorsements/endorsement-file.ts'
import type { ComponentReference, PlatformReference, RealmReference } from '../endorsements/reference-values.ts'
import type { TrustAnchor } from '../endorsements/trust-anchors.ts'
import { type CorimSubject, WRITTEN_PROFILE } from './profile.ts'

/** What a manifest says beside what it endorses. */
export interface CorimDescription {
  /** Name of the manifest; the endorser's own, and unique among his. */
  readonly id: string
  readonly validity?: CorimValidity | undefined
}

/** Until when a manifest counts, and from when, in whole seconds. */
export interface CorimValidity {
  readonly notBefore?: Date | undefined
  readonly notAfter: Date
}

/**
 * Writes an unsigned CoRIM, in the dialect of the current draft (draft-ydb-rats-cca-endorsements-04), which has one
 * profile for platforms and one for Realms: of `file` counts what is of `subject`, keys of platforms included.
 *
 * What a component enforces has no place in a CoRIM and is left out, as are REMs and personalization values that are
 * not there.
 *
 * @throws TypeError when there is nothing of `subject` to endorse, or a key is none, or revoked, which no CoRIM can say: the
 *   caller's mistakes.
 */
export function encodeCorim(
  subject: CorimSubject,
  file: Pick<EndorsementFile, 'trustAnchors' | 'endorsements'>,
  { id, validity }: CorimDescription,
): Uint8Array {
  const triples = subject === 'realm' ? realmTriples(file) : platformTriples(file)
  if (triples.size === 0) throw new TypeError(`there is no ${subject} to endorse`)
  const comid = map([1, map([0, `${id}/${subject}`])], [4, triples])
  return encodeCbor({
    tag: 501,
    value: map(
      [0, id],
      [1, [{ tag: 506, value: encodeCbor(comid) }]],
      [3, { tag: 32, value: WRITTEN_PROFILE[subject] }],
      ...(validity === undefined ? [] : [[4, validityMap(validity)] as const]),
    ),
  })
}

/** The map of a validity, as manifests and signatures have it: times in seconds under tag 1. */
export function validityMap({ notBefore, notAfter }: CorimValidity): CborValue {
  const epoch = (time: Date): CborValue => ({ tag: 1, value: Math.floor(time.getTime() / 1000) })
  return map(...(notBefore === undefined ? [] : [[0, epoch(notBefore)] as const]), [1, epoch(notAfter)])
}

type Subject = Pick<EndorsementFile, 'trustAnchors' | 'endorsements'>
type Triples = ReadonlyMap<CborKey, CborValue>

const map = (...entries: readonly (readonly [number, CborValue])[]): Map<CborKey, CborValue> => new Map(entries)
const bytes = (value: Uint8Array): CborValue => ({ tag: 560, value })
const measurement = (key: string, values: ReadonlyMap<CborKey, CborValue>): CborValue => map([0, key], [1, values])
/** Kinds of triples: reference values, and attestation keys. Lists of none are left out. */
const triples = (references: readonly CborValue[], keys: readonly CborValue[]): Triples =>
  map(
    ...(references.length === 0 ? [] : [[0, references] as const]),
    ...(keys.length === 0 ? [] : [[3, keys] as const]),
  )

/** The number of a digest's algorithm in the named-information registry, by its size in bytes. */
const ALGORITHM: Readonly<Record<number, number>> = { 32: 1, 48: 7, 64: 8 }

function digests(digest: Uint8Array): readonly [number, CborValue] {
  const algorithm = ALGORITHM[digest.length]
  if (algorithm === undefined) throw new TypeError(`a digest of ${digest.length} bytes`)
  return [2, [[algorithm, digest]]]
}

function realmTriples({ endorsements }: Subject): Triples {
  return triples(endorsements.realms.map(realmTriple), [])
}

function realmTriple({ rim, rpv, rems = [] }: RealmReference): CborValue {
  const register = (name: string, digest: Uint8Array): CborValue => measurement(`cca.${name}`, map(digests(digest)))
  return [
    map([0, map([0, bytes(rim)])]),
    [
      register('rim', rim),
      ...rems.flatMap((rem, index) => (rem === undefined ? [] : [register(`rem${index}`, rem)])),
      ...(rpv === undefined ? [] : [measurement('cca.rpv', map([4, bytes(rpv)]))]),
    ],
  ]
}

function platformTriples({ trustAnchors, endorsements }: Subject): Triples {
  return triples(endorsements.platforms.map(platformTriple), trustAnchors.map(keyTriple))
}

function platformTriple({ implementationId, config, components }: PlatformReference): CborValue {
  // The draft has no configuration without a mask: one of all bits says the same.
  const configuration = (value: Uint8Array, mask?: Uint8Array): CborValue => {
    const bits = mask ?? new Uint8Array(value.length).fill(0xff)
    return measurement('cca.platform-config', map([4, { tag: 563, value: [value, bits] }]))
  }
  return [
    map([0, map([0, bytes(implementationId)])]),
    [...components.map(component), ...(config === undefined ? [] : [configuration(config.value, config.mask)])],
  ]
}

function component({ type, measurement: digest, signerId, version }: ComponentReference): CborValue {
  return measurement(
    'cca.software-component',
    map(
      ...(version === undefined ? [] : [[0, map([0, version])] as const]),
      digests(digest),
      ...(type === undefined ? [] : [[11, type] as const]),
      [13, [bytes(signerId)]],
    ),
  )
}

function keyTriple({ name, implementationId, instanceId, key, revoked }: TrustAnchor): CborValue {
  if (revoked === true) throw new TypeError(`trust anchor ${name} is revoked`)
  const known = keyFromJwk(key)
  if (known === undefined) throw new TypeError('a trust anchor without an EC key')
  const environment = map([0, map([0, bytes(implementationId)])], [1, { tag: 550, value: instanceId }])
  return [environment, [{ tag: 554, value: keyToPem(known) }]]
}
