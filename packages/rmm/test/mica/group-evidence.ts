import { SIMULATED_ROOT_OF_TRUST } from '@mica/hw-sim'
import { decodeGroup, type Group } from '@mica/policy'
import { type CborValue, decodeCbor, encodeCbor } from '@mica/policy/cbor'
import { p384 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect } from 'vitest'
import { RSI_ATTEST_TOKEN_CONTINUE_GROUP, RSI_ATTEST_TOKEN_INIT_GROUP } from '../../src/abi/index.ts'
import { PAGE, RAM, type ScriptedRealm } from '../scripted-host.ts'

/** Reads a whole group token, `size` bytes at a time. */
export function groupToken(realm: ScriptedRealm, challenge: bigint, size = PAGE, flags = 0n): Uint8Array {
  const init = realm.call(RSI_ATTEST_TOKEN_INIT_GROUP, ...Array.from({ length: 8 }, () => challenge), flags)
  expect(init[0]).toBe(0n)
  const token: number[] = []
  for (;;) {
    const { value } = realm.perform(function* (cpu) {
      const x = yield* cpu.smc([RSI_ATTEST_TOKEN_CONTINUE_GROUP, BigInt(RAM), 0n, BigInt(size)])
      return { status: x[0], part: yield* cpu.load(RAM, Number(x[1])) }
    })
    token.push(...value!.part)
    if (value!.status === 0n) break
    expect(value!.status).toBe(3n)
  }
  expect(token.length).toBeLessThanOrEqual(Number(init[1]))
  return Uint8Array.from(token)
}

const decode = (bytes: Uint8Array, deterministic = true): CborValue => {
  const decoding = decodeCbor(bytes, { deterministic })
  if (decoding.kind === 'malformed') throw new Error(decoding.reason)
  return decoding.value
}

/** Splits COSE_Sign1 and checks its signature. */
function verified(bytes: Uint8Array, key: Uint8Array): ReadonlyMap<number, CborValue> {
  const { tag, value } = decode(bytes) as { tag: number; value: Uint8Array[] }
  expect(tag).toBe(18)
  const [header, , payload, signature] = value as [Uint8Array, unknown, Uint8Array, Uint8Array]
  const signed = encodeCbor(['Signature1', header, new Uint8Array(0), payload])
  expect(p384.verify(signature, signed, key, { lowS: false })).toBe(true)
  return decode(payload, false) as ReadonlyMap<number, CborValue>
}

const point = (x: Uint8Array, y: Uint8Array): Uint8Array => Uint8Array.of(4, ...x, ...y)

type Claims = ReadonlyMap<number, CborValue>

/** The claims of a group token, after every signature and the binding of the two halves have been checked; and the rest. */
function openStatement(token: Uint8Array): { claims: Claims; collection: Claims } {
  const { tag, value } = decode(token) as { tag: number; value: ReadonlyMap<number, readonly [number, Uint8Array]> }
  expect(tag).toBe(907)
  const [platformType, platform] = value.get(44234)!
  const [statementType, statement] = value.get(44241)!
  expect([platformType, statementType]).toEqual([263, 263])
  const { x, y } = SIMULATED_ROOT_OF_TRUST.cpak
  const cpak = point(Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url'))
  const platformClaims = verified(platform, cpak)
  const unverified = decode((decode(statement) as unknown as { value: Uint8Array[] }).value[2]!, false)
  const rak = (unverified as ReadonlyMap<number, Uint8Array>).get(44237)!
  expect(platformClaims.get(10)).toEqual(sha256(rak))
  const coseKey = decode(rak) as ReadonlyMap<number, Uint8Array>
  return { claims: verified(statement, point(coseKey.get(-2)!, coseKey.get(-3)!)), collection: value }
}

function decodedGroup(bytes: CborValue | undefined): Group {
  const decoding = decodeGroup(bytes as Uint8Array)
  if (decoding.kind === 'refused') throw new Error(decoding.fact.rule)
  return decoding.group
}

/** A group token in which the group is signed. */
export function open(token: Uint8Array): { claims: Claims; group: Group } {
  const { claims, collection } = openStatement(token)
  expect([...collection.keys()]).toEqual([44234, 44241])
  return { claims, group: decodedGroup(claims.get(-75010)) }
}

/** A group token in which the root of a tree is signed: the group is beside it, and the seed of the tree. */
export function openTree(token: Uint8Array): {
  claims: Claims
  seed: Uint8Array
  groupBytes: Uint8Array
  group: Group
} {
  const { claims, collection } = openStatement(token)
  const [type, opening] = collection.get(-75014) as [number, Uint8Array]
  expect(type).toBe(60)
  const [seed, groupBytes] = decode(opening) as [Uint8Array, Uint8Array]
  return { claims, seed, groupBytes, group: decodedGroup(groupBytes) }
}
