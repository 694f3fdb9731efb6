import { readFileSync } from 'node:fs'
import type { EcJwk, GroupExpectations, TrustAnchor, VerificationOptions } from '@mica/verifier'

const verifierTests = new URL('../../../verifier/test/', import.meta.url)
const vector = (name: string): URL => new URL(`vectors/${name}`, verifierTests)
const readJson = (name: string) => JSON.parse(readFileSync(vector(name), 'utf8'))
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

export const readVector = (name: string): Uint8Array => new Uint8Array(readFileSync(vector(name)))

const expected = readJson('expect.json')
const pkey: EcJwk = readJson('keys/cpak-p384.jwk.json')

/** The challenge of the published tokens, 64 bytes. */
export const VECTOR_NONCE = hex(expected.nonce_hex)
export const VECTOR_TOKEN = readVector('pos-01-draft04-resigned-2026.cbor')
/** Their platform's key, as a trust anchor and as the JSON file of one. */
export const VECTOR_ANCHORS_JSON = JSON.stringify([
  {
    'implementation-id': expected.implementation_id,
    'instance-id': expected.instance_id,
    pkey,
    name: 'sample',
  },
])
export const VECTOR_ANCHOR: TrustAnchor = {
  name: 'sample',
  implementationId: hex(expected.implementation_id),
  instanceId: hex(expected.instance_id),
  key: { kty: pkey.kty, crv: pkey.crv, x: pkey.x, y: pkey.y },
}

/** Manifests of the verifier's own tests, and the key that signs them. */
interface ManifestMaterial {
  readonly SIGNER_PEM: string
  realmCorim(): Uint8Array
  signedCorim(payload: Uint8Array): Uint8Array
}

/** The test attester of the verifier's own tests, and its group of three. */
interface GroupMaterial {
  readonly RIMS: Readonly<Record<string, Uint8Array>>
  readonly options: VerificationOptions<GroupExpectations>
  readonly expectations: GroupExpectations
  membersOf(): readonly unknown[]
  groupBytes(members: readonly unknown[]): Uint8Array
  /** Evidence over a group, with claims of the Realm half replaced: 10 is the challenge, -75011 the requester. */
  evidenceOf(group: Uint8Array, realm?: Readonly<Record<number, Uint8Array | number>>): Uint8Array
}

// The verifier's tests are no part of this package: they are found when the tests run, not when they are compiled.
export const manifests: ManifestMaterial = await import(new URL('corim/corims.ts', verifierTests).pathname)
export const group: GroupMaterial = await import(new URL('group/pipeline.ts', verifierTests).pathname)
