import { existsSync, readFileSync } from 'node:fs'
import type { EcJwk } from '../src/cose/key.ts'

/**
 * Where the published vectors are: beside the checkout, or where MICA_VECTORS says. A few are copied to `vectors/` so
 * that a clone alone has something to verify; tests over the others are skipped, visibly, where the folder is absent.
 */
export const vectorFolder: string =
  process.env['MICA_VECTORS'] ?? new URL('../../../../shared/vectors', import.meta.url).pathname

export const haveVectors = existsSync(`${vectorFolder}/attestation/derived/expect-public.json`)

export const readVector = (path: string): Uint8Array => new Uint8Array(readFileSync(`${vectorFolder}/${path}`))
export const readVectorJson = (path: string) => JSON.parse(readFileSync(`${vectorFolder}/${path}`, 'utf8'))

const own = (name: string): URL => new URL(`./vectors/${name}`, import.meta.url)
export const readOwn = (name: string): Uint8Array => new Uint8Array(readFileSync(own(name)))
export const readOwnJson = (name: string) => JSON.parse(readFileSync(own(name), 'utf8'))

/** The published test keys for platform tokens: that of the P-384 samples, and that of the P-256 ones. */
export const CPAK_P384: EcJwk = {
  kty: 'EC',
  crv: 'P-384',
  x: 'IShnxS4rlQiwpCCpBWDzlNLfqiG911FP8akBr-fh94uxHU5m-Kijivp2r2oxxN6M',
  y: 'hM4tr8mWQli1P61xh3T0ViDREbF26DGOEYfbAjWjGNN7pZf-6A4OTHYqEryz6m7U',
}
export const CPAK_P256: EcJwk = {
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
}

export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

export const IMPLEMENTATION_ID = hex('7f454c4602010100000000000000000003003e00010000005058000000000000')
export const INSTANCE_ID = hex('0107060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918')
