import { decodeUtf8 } from '@mica/policy/cbor'
import { type EcPublicKey, keyFromJwk } from '../cose/key.ts'
import { keyFromSpki } from '../cose/spki.ts'
import { type FileReading, isEcJwk, parseJson, startsAsJson } from '../json.ts'
import { pemBlocks } from '../pem.ts'
import { readCertificate } from '../x509/certificate.ts'
import type { EndorsementSigners } from './signed.ts'

/** The first byte of anything in DER that is a key or a certificate. */
const DER_SEQUENCE = 0x30

/**
 * Reads a file that says who may sign endorsements: an EC public key as PEM, JWK or DER, or certificates of
 * authorities as PEM, one or more, or DER.
 */
export function readSigners(bytes: Uint8Array): FileReading<EndorsementSigners> {
  if (bytes[0] === DER_SEQUENCE) return signersOf([keyFromSpki(bytes) ?? bytes])
  const text = decodeUtf8(bytes) ?? ''
  if (startsAsJson(bytes)) {
    const jwk = parseJson(text)
    const key = isEcJwk(jwk) ? keyFromJwk(jwk) : undefined
    return key === undefined ? refused('it is no JWK of an EC public key') : signersOf([key])
  }
  const blocks = pemBlocks(text)
  if (blocks === undefined) return refused('it is neither PEM, JWK nor DER')
  const other = blocks.find(({ label }) => label !== 'PUBLIC KEY' && label !== 'CERTIFICATE')
  if (other !== undefined) return refused(`a \`${other.label}\` says nothing of who may sign`)
  const found = blocks.map(({ label, der }) => (label === 'CERTIFICATE' ? der : keyFromSpki(der)))
  if (found.includes(undefined)) return refused('a public key in it is not EC')
  return signersOf(found.filter((one) => one !== undefined))
}

const refused = (reason: string): FileReading<EndorsementSigners> => ({ kind: 'refused', reason })

/** Keys, and certificates still in DER. */
function signersOf(found: readonly (EcPublicKey | Uint8Array)[]): FileReading<EndorsementSigners> {
  const roots = found.filter((one) => one instanceof Uint8Array)
  const keys = found.filter((one) => 'curve' in one)
  if (roots.some((der) => readCertificate(der) === undefined)) return refused('a certificate in it cannot be read')
  return { kind: 'read', value: { keys, roots } }
}
