import { toHex } from '../bytes.ts'
import type { EcPublicKey } from '../cose/key.ts'
import type { SigningAlgorithm } from '../cose/signature.ts'
import { keyFromSpki } from '../cose/spki.ts'
import { DER, type DerElement, DerReader, derSequence } from './der.ts'
import { type Extensions, readExtensions } from './extensions.ts'

/** What of an X.509 certificate (RFC 5280) a chain is judged by. Nothing in it is verified. */
export interface Certificate extends Extensions {
  readonly encoded: Uint8Array
  /** The part that the issuer signed. */
  readonly signed: Uint8Array
  /** `undefined` when it is not signed with ECDSA. */
  readonly algorithm: SigningAlgorithm | undefined
  /** As it stands: of ECDSA a sequence of two numbers. */
  readonly signature: Uint8Array
  /** Names as they are encoded, which is how they are compared. */
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  /** Milliseconds since 1970, both inclusive. */
  readonly notBefore: number
  readonly notAfter: number
  /** `undefined` when the key is not EC, on one of the curves known here. */
  readonly key: EcPublicKey | undefined
}

/** Contents of the object identifiers ecdsa-with-SHA256, -SHA384 and -SHA512 (RFC 5758), in hex. */
const ALGORITHMS: ReadonlyMap<string, SigningAlgorithm> = new Map([
  ['2a8648ce3d040302', 'ES256'],
  ['2a8648ce3d040303', 'ES384'],
  ['2a8648ce3d040304', 'ES512'],
])

/** Bytes of a certificate, at most: those of real signers have one or two thousand. */
const MAX_LENGTH = 16_384

const TAG_VERSION = 0xa0
/** Version 3, as an explicitly tagged integer holds it. */
const VERSION_3 = '020102'
const TAG_ISSUER_ID = 0x81
const TAG_SUBJECT_ID = 0x82
const TAG_EXTENSIONS = 0xa3

/** Reads a certificate of version 3 from DER that holds nothing else; `undefined` for anything else, and beyond 16 KiB. */
export function readCertificate(der: Uint8Array): Certificate | undefined {
  if (der.length > MAX_LENGTH) return undefined
  const [signed, algorithm, signature, ...more] = derSequence(der) ?? []
  if (signed?.tag !== DER.sequence || algorithm?.tag !== DER.sequence || more.length > 0) return undefined
  // A signature is whole bytes: no bit of the last one is unused.
  if (signature?.tag !== DER.bitString || signature.content[0] !== 0) return undefined
  const body = readBody(new DerReader(signed.content), algorithm)
  if (body === undefined) return undefined
  return {
    ...body,
    encoded: der,
    signed: signed.encoded,
    algorithm: algorithmOf(algorithm),
    signature: signature.content.subarray(1),
  }
}

type Body = Omit<Certificate, 'encoded' | 'signed' | 'algorithm' | 'signature'>

function readBody(reader: DerReader, outerAlgorithm: DerElement): Body | undefined {
  const version = reader.take(TAG_VERSION)
  if (version === undefined || toHex(version.content) !== VERSION_3) return undefined
  const [serial, algorithm] = [reader.take(DER.integer), reader.take(DER.sequence)]
  if (serial === undefined || serial.content.length === 0 || algorithm === undefined) return undefined
  if (toHex(algorithm.encoded) !== toHex(outerAlgorithm.encoded)) return undefined
  const [issuer, validity] = [reader.take(DER.sequence), reader.take(DER.sequence)]
  const [subject, spki] = [reader.take(DER.sequence), reader.take(DER.sequence)]
  if (issuer === undefined || validity === undefined || subject === undefined || spki === undefined) return undefined
  for (const tag of [TAG_ISSUER_ID, TAG_SUBJECT_ID]) reader.take(tag)
  const extensions = readExtensions(reader.take(TAG_EXTENSIONS)?.content)
  const times = derSequence(validity.encoded)
  const [notBefore, notAfter] = [timeOf(times?.[0]), timeOf(times?.[1])]
  if (!reader.isAtEnd || extensions === undefined || times?.length !== 2) return undefined
  if (notBefore === undefined || notAfter === undefined) return undefined
  const key = keyFromSpki(spki.encoded)
  return { ...extensions, issuer: issuer.encoded, subject: subject.encoded, notBefore, notAfter, key }
}

/** Parameters must be absent for ECDSA, so that one encoding is left for each algorithm. */
function algorithmOf(element: DerElement): SigningAlgorithm | undefined {
  const [identifier, ...parameters] = derSequence(element.encoded) ?? []
  if (identifier?.tag !== DER.objectIdentifier || parameters.length > 0) return undefined
  return ALGORITHMS.get(toHex(identifier.content))
}

/** UTCTime up to 2049, GeneralizedTime from 2050 on, both in UTC with seconds; other tools mix them, and so may these. */
function timeOf(element: DerElement | undefined): number | undefined {
  const text = element === undefined ? '' : String.fromCharCode(...element.content.subarray(0, 16))
  const [, short, rest = ''] = /^(\d\d)(\d{10})Z$/.exec(text) ?? []
  if (element?.tag === DER.utcTime && short !== undefined) return utc(`${Number(short) < 50 ? 20 : 19}${short}${rest}`)
  const [, long] = /^(\d{14})Z$/.exec(text) ?? []
  return element?.tag === DER.generalizedTime && long !== undefined ? utc(long) : undefined
}

/** The time that fourteen digits say; `undefined` where the calendar has no such time. */
function utc(digits: string): number | undefined {
  const iso = digits.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6.000Z')
  const time = Date.parse(iso)
  return !Number.isNaN(time) && new Date(time).toISOString() === iso ? time : undefined
}
