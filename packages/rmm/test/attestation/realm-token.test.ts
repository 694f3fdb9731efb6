import { readFileSync } from 'node:fs'
import { physicalAddressOf } from '@mica/hw-sim'
import { type CborValue, decodeCbor } from '@mica/policy/cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'
import { RSI_ATTESTATION_TOKEN_CONTINUE, RSI_ATTESTATION_TOKEN_INIT } from '../../src/abi/index.ts'
import { coseKey } from '../../src/attestation/cose-sign1.ts'
import { realmClaims } from '../../src/attestation/realm-token.ts'
import { Realm } from '../../src/realm/realm.ts'
import { Pipeline } from '../mica/pipeline.ts'
import { PAGE, RAM, type ScriptedRealm } from '../scripted-host.ts'

const decode = (bytes: Uint8Array): CborValue => {
  const decoding = decodeCbor(bytes, { deterministic: false })
  if (decoding.kind === 'malformed') throw new Error(decoding.reason)
  return decoding.value
}

/** Payload and claims of a COSE_Sign1. */
function opened(token: Uint8Array) {
  const { value } = decode(token) as unknown as { value: Uint8Array[] }
  const payload = value[2]!
  return { payload, claims: decode(payload) as ReadonlyMap<number, CborValue> }
}

test.each(['token-sha256-rem.realm.cbor', 'token-sha512.realm.cbor'])(
  'the claims of the recorded %s come out as the same bytes',
  (file) => {
    const recorded = Uint8Array.from(readFileSync(new URL(`../../conformance/vectors/tokens/${file}`, import.meta.url)))
    const { payload, claims } = opened(recorded)
    const identity = {
      granule: 0,
      rd: physicalAddressOf(0),
      flags: 0n,
      ipaBits: 32,
      lpa2: false,
      startLevel: 1,
      startTable: 1,
      startTableAddress: physicalAddressOf(PAGE),
      startTables: 1,
      hashAlgorithm: claims.get(44236) === 'sha-256' ? 0 : 1,
      rpv: claims.get(44235) as Uint8Array,
      vmid: 0,
    }
    const realm = new Realm(identity, () => claims.get(44238) as Uint8Array)
    realm.rems.splice(0, 4, ...(claims.get(44239) as Uint8Array[]))
    const ours = realmClaims(realm, claims.get(10) as Uint8Array, claims.get(44237) as Uint8Array)
    expect(Buffer.from(ours).toString('hex')).toBe(Buffer.from(payload).toString('hex'))
  },
)

test('the attestation key is a COSE_Key of 107 bytes', () => {
  expect(coseKey({ secret: new Uint8Array(48).fill(1) })).toHaveLength(107)
})

function realmTokenOf(realm: ScriptedRealm): ReadonlyMap<number, CborValue> {
  realm.call(RSI_ATTESTATION_TOKEN_INIT, 1, 2, 3, 4, 5, 6, 7, 8)
  const token = realm.perform(function* (cpu) {
    const x = yield* cpu.smc([RSI_ATTESTATION_TOKEN_CONTINUE, BigInt(RAM), 0n, BigInt(PAGE)])
    return yield* cpu.load(RAM, Number(x[1]))
  }).value!
  const { tag, value } = decode(token) as { tag: number; value: ReadonlyMap<number, Uint8Array> }
  expect(tag).toBe(399)
  return opened(value.get(44241)!).claims
}

test('the token of a Realm with a policy has one claim more: the digest of its policy', () => {
  const pipeline = new Pipeline()
  const before = [...realmTokenOf(pipeline.realms.encoder).keys()]
  const blob = pipeline.blob('encoder')
  pipeline.uploadAll()
  const claims = realmTokenOf(pipeline.realms.encoder)
  expect([...claims.keys()]).toEqual([...before, -75009])
  expect(claims.get(-75009)).toEqual(sha256(blob))
})
