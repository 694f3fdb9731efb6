import { type FileReading, type GroupExpectations, type Recipient, readDigest } from '@mica/verifier'
import { fromBase64 } from './base64.ts'
import { isRecord, parseJson } from './json.ts'

/** What must hold before a secret leaves, as operators write it and the store keeps it. */
export interface SecretTerms {
  /** The group and its assertions: `sha256:` and the digest of the expectations. */
  readonly expectations: string
  readonly recipient: {
    /** Name that the member's own policy gives it. */
    readonly peer: string
    /** `sha256:` or `sha512:` and the initial measurement. */
    readonly rim: string
    /** Personalization value, 64 bytes in hex. Absent: none. */
    readonly rpv?: string | undefined
  }
}

/** A secret with its terms. */
export interface Registration {
  readonly terms: SecretTerms
  readonly secret: Uint8Array
}

/** Bytes of a secret: it is a key, or some, and not what they are for. */
export const SECRET_LIMIT = 4096

const RPV = /^[0-9a-fA-F]{128}$/

/** Reads `{ "expectations": "sha256:…", "recipient": { "peer", "rim", "rpv"? }, "secret": base64 }`. */
export function readRegistration(json: unknown): FileReading<Registration> {
  const terms = termsOf(json)
  if (terms === undefined || !isRecord(json)) {
    return { kind: 'refused', reason: 'it lacks `expectations` by digest, or a `recipient` with `peer` and `rim`' }
  }
  const secret = typeof json['secret'] === 'string' ? fromBase64(json['secret']) : undefined
  if (secret === undefined || secret.length === 0 || secret.length > SECRET_LIMIT) {
    return { kind: 'refused', reason: `\`secret\` is base64 of 1 to ${SECRET_LIMIT} bytes` }
  }
  return { kind: 'read', value: { terms, secret } }
}

/** The text of terms, which a secret is sealed with. */
export const termsText = (terms: SecretTerms): string => JSON.stringify(terms)

/** Reads the text that {@link termsText} wrote; `undefined` when it is another. */
export const readTerms = (text: string): SecretTerms | undefined => termsOf(parseJson(text))

function termsOf(json: unknown): SecretTerms | undefined {
  const recipient = isRecord(json) ? json['recipient'] : undefined
  if (!isRecord(json) || !isRecord(recipient)) return undefined
  const [expectations, { peer, rim, rpv }] = [json['expectations'], members(recipient)]
  if (typeof expectations !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(expectations)) return undefined
  if (typeof peer !== 'string' || typeof rim !== 'string' || readDigest(rim) === undefined) return undefined
  if (rpv !== undefined && (typeof rpv !== 'string' || !RPV.test(rpv))) return undefined
  return { expectations, recipient: { peer, rim, ...(rpv === undefined ? {} : { rpv }) } }
}

const members = (recipient: Readonly<Record<string, unknown>>) => ({
  peer: recipient['peer'],
  rim: recipient['rim'],
  rpv: recipient['rpv'],
})

/** The recipient of terms as verification knows it. */
export function recipientOf({ recipient: { peer, rim, rpv } }: SecretTerms): Recipient {
  // INVARIANT: terms were read, so the measurement is a digest.
  return { peer, rim: readDigest(rim)!, rpv: rpv === undefined ? undefined : new Uint8Array(Buffer.from(rpv, 'hex')) }
}

/** Whether the expected group has such a member. */
export function admits({ peers }: GroupExpectations, { peer, rim }: SecretTerms['recipient']): boolean {
  const wanted = readDigest(rim)
  return peers.get(peer)?.some((known) => wanted !== undefined && Buffer.compare(known, wanted) === 0) === true
}
