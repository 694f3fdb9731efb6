import { bytes, count, flag, list, members, oneOf, record, type Shape, text } from '../shape.ts'

/** What is recorded of complete CCA tokens, and of the keys that verify them. */
export interface TokenDescriptions {
  readonly platform_key?: { readonly pem_file: string }
  readonly tokens: readonly TokenDescription[]
}

/** One token: what went into it, and what is in it. Claims are written as JSON, byte strings as `{ hex }`. */
export interface TokenDescription {
  readonly file: string
  readonly size: number
  readonly sha256: string
  readonly challenge: string
  readonly rpv: string
  readonly hash_algo: 'sha-256' | 'sha-512'
  readonly rim: string
  readonly rem: readonly string[]
  /** Calls of RSI_MEASUREMENT_EXTEND that the Realm made before. */
  readonly extends: readonly { readonly index: number; readonly size: number; readonly value: string }[]
  readonly tag: number
  readonly collection_keys: readonly number[]
  readonly realm_token: SignedDescription & {
    readonly signature_valid_with_rak: boolean
    readonly claim_order: readonly number[]
    readonly rak_cose_key: unknown
  }
  readonly platform_token: SignedDescription & {
    readonly nonce_is_sha256_of_rak_cose_key: boolean
    readonly sha256?: string
  }
}

/** A COSE_Sign1. */
export interface SignedDescription {
  readonly cose_tag: number
  readonly protected: unknown
  readonly protected_hex: string
  readonly unprotected: unknown
  readonly signature_len: number
  readonly claims: unknown
}

const anything: Shape = () => undefined

const signed = {
  cose_tag: count,
  protected: record(anything),
  protected_hex: bytes,
  unprotected: record(anything),
  signature_len: count,
  claims: record(anything),
}

/** A file beside the descriptions, not one elsewhere. */
const fileName: Shape = (value, path) =>
  text(value, path) ?? (/[/\\]/.test(String(value)) ? `${path} is not the name of a file beside it` : undefined)

const token = members({
  file: fileName,
  size: count,
  sha256: bytes,
  challenge: bytes,
  rpv: bytes,
  hash_algo: oneOf('sha-256', 'sha-512'),
  rim: bytes,
  rem: list(bytes),
  extends: list(members({ index: count, size: count, value: bytes })),
  tag: count,
  collection_keys: list(count),
  realm_token: members({
    ...signed,
    signature_valid_with_rak: flag,
    claim_order: list(count),
    rak_cose_key: record(anything),
  }),
  platform_token: members({ ...signed, nonce_is_sha256_of_rak_cose_key: flag }, { sha256: bytes }),
})

/** What token descriptions look like. */
export const TOKEN_DESCRIPTIONS: Shape = members(
  { tokens: list(token) },
  { platform_key: members({ pem_file: fileName }) },
)
