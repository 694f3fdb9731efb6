import { createPrivateKey } from 'node:crypto'
import { type CorimSignature, type EcPrivateJwk, readSigners } from '@mica/verifier'
import { readBytes, readText } from '../files.ts'
import { UsageError } from '../usage-error.ts'

/** Curves of keys that manifests are signed with. */
const CURVES: readonly unknown[] = ['P-256', 'P-384', 'P-521']

/** The private EC key in a file, as PEM or JWK. Throws {@link UsageError} for anything else. */
export function privateKeyFrom(file: string): EcPrivateJwk {
  const text = readText(file, '--key file')
  try {
    const key = text.trimStart().startsWith('{')
      ? createPrivateKey({ key: JSON.parse(text), format: 'jwk' })
      : createPrivateKey(text)
    const { kty, crv, x, y, d } = key.export({ format: 'jwk' })
    if (kty === 'EC' && CURVES.includes(crv) && x && y && d) return { kty, crv: crv!, x, y, d }
  } catch {
    // What it is instead is said below: the file may hold a secret, and no part of it goes into a message.
  }
  throw new UsageError(
    `${file} is no private key of P-256, P-384 or P-521, as PEM or JWK`,
    'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 makes one',
  )
}

/** The certificates in a file, the signer's first. Throws {@link UsageError} when there is none. */
export function certificatesFrom(file: string): CorimSignature['certificates'] {
  const reading = readSigners(readBytes(file, '--certificates file'))
  if (reading.kind === 'refused') throw new UsageError(`${file}: ${reading.reason}`)
  const { roots = [] } = reading.value
  if (roots.length === 0) throw new UsageError(`${file} holds no certificate`)
  return roots
}
