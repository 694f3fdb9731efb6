import { toHex } from '../bytes.ts'
import { DER, type DerElement, DerReader, derItems, derSequence, derUnsigned } from './der.ts'

/** What the extensions of a certificate say of the uses of its key (RFC 5280, section 4.2). */
export interface Extensions {
  readonly isAuthority: boolean
  /** The most authorities that may come between this one and the certificate of a signer. */
  readonly pathLength?: number | undefined
  /** The first byte of the bits of key usage; `undefined` where every use is allowed. */
  readonly keyUsage?: number | undefined
  readonly subjectKeyId?: Uint8Array | undefined
  readonly authorityKeyId?: Uint8Array | undefined
  /** Whether something restricts it that is not understood here: such a certificate must not be relied on. */
  readonly isRestricted: boolean
}

/** Bits of key usage. */
export const USE = { digitalSignature: 0x80, contentCommitment: 0x40, certificateSigning: 0x04 } as const

/** Contents of the object identifiers of the extensions that are read, in hex. */
const SUBJECT_KEY_ID = '551d0e'
const KEY_USAGE = '551d0f'
const BASIC_CONSTRAINTS = '551d13'
const AUTHORITY_KEY_ID = '551d23'

const TAG_KEY_ID = 0x80

/** The bytes of each extension, by its identifier in hex, and whether another one is critical. */
interface Listed {
  readonly values: ReadonlyMap<string, Uint8Array>
  readonly isRestricted: boolean
}

/**
 * Reads the list of extensions.
 * @param content What stands under its tag; `undefined` in a certificate without any.
 */
export function readExtensions(content: Uint8Array | undefined): Extensions | undefined {
  if (content === undefined) return { isAuthority: false, isRestricted: false }
  const listed = listExtensions(content)
  if (listed === undefined) return undefined
  const { values, isRestricted } = listed
  const constraints = read(values.get(BASIC_CONSTRAINTS), basicConstraints)
  const keyUsage = read(values.get(KEY_USAGE), firstBits)
  const subjectKeyId = read(values.get(SUBJECT_KEY_ID), octets)
  const authorityKeyId = read(values.get(AUTHORITY_KEY_ID), authorityId)
  if (constraints === 'wrong' || keyUsage === 'wrong' || subjectKeyId === 'wrong' || authorityKeyId === 'wrong')
    return undefined
  return {
    isAuthority: constraints?.isAuthority ?? false,
    pathLength: constraints?.pathLength,
    keyUsage,
    subjectKeyId,
    authorityKeyId: authorityKeyId?.id,
    isRestricted,
  }
}

/** An extension that may be absent, but not wrong. */
function read<T>(value: Uint8Array | undefined, reader: (value: Uint8Array) => T | undefined): T | undefined | 'wrong' {
  return value === undefined ? undefined : (reader(value) ?? 'wrong')
}

function listExtensions(content: Uint8Array): Listed | undefined {
  const list = derSequence(content)
  if (list === undefined || list.length === 0) return undefined
  const values = new Map<string, Uint8Array>()
  let isRestricted = false
  for (const { tag, content: extension } of list) {
    const reader = new DerReader(extension)
    const id = reader.take(DER.objectIdentifier)
    const critical = reader.take(DER.boolean)
    const value = reader.take(DER.octetString)
    const name = id === undefined ? '' : toHex(id.content)
    if (tag !== DER.sequence || value === undefined || name === '' || !reader.isAtEnd || values.has(name))
      return undefined
    if (!isBoolean(critical)) return undefined
    values.set(name, value.content)
    if (isTrue(critical) && ![SUBJECT_KEY_ID, KEY_USAGE, BASIC_CONSTRAINTS, AUTHORITY_KEY_ID].includes(name))
      isRestricted = true
  }
  return { values, isRestricted }
}

/** One byte, or left out. */
const isBoolean = (element: DerElement | undefined): boolean => element === undefined || element.content.length === 1

/** Any byte but zero is true, as tools without DER write it: a restriction is not to be missed. */
const isTrue = (element: DerElement | undefined): boolean => element !== undefined && element.content[0] !== 0

function basicConstraints(value: Uint8Array): { isAuthority: boolean; pathLength?: number } | undefined {
  const sequence = new DerReader(value)
  const content = sequence.take(DER.sequence)?.content
  if (content === undefined || !sequence.isAtEnd) return undefined
  const reader = new DerReader(content)
  const authority = reader.take(DER.boolean)
  if (!isBoolean(authority)) return undefined
  const isAuthority = isTrue(authority)
  if (reader.isAtEnd) return { isAuthority }
  const length = derUnsigned(reader.take(DER.integer))
  // Longer chains than one byte counts are refused anyway.
  return length?.length === 1 && reader.isAtEnd ? { isAuthority, pathLength: length[0]! } : undefined
}

function firstBits(value: Uint8Array): number | undefined {
  const [bits, ...more] = derItems(value) ?? []
  const [unused, first, second] = bits?.content ?? []
  if (bits?.tag !== DER.bitString || more.length > 0 || unused === undefined || first === undefined) return undefined
  // The unused bits of the last byte are fewer than eight, and zero.
  const last = second ?? first
  return unused < 8 && (last & ((1 << unused) - 1)) === 0 ? first : undefined
}

function octets(value: Uint8Array): Uint8Array | undefined {
  const [element, ...more] = derItems(value) ?? []
  return element?.tag === DER.octetString && more.length === 0 ? element.content : undefined
}

/** The key identifier is optional here; issuer and serial number, by which some name the key as well, are not compared. */
function authorityId(value: Uint8Array): { readonly id: Uint8Array | undefined } | undefined {
  const items = derSequence(value)
  return items === undefined ? undefined : { id: items.find(({ tag }) => tag === TAG_KEY_ID)?.content }
}
