import { encodeCbor } from '@mica/policy/cbor'
import { describe, expect, test } from 'vitest'
import { type CarriedEvidence, GROUP_SIZE_LIMIT, readEvidence, verifyToken } from '../src/index.ts'
import { attester } from './attester.ts'
import { evidenceOf, groupBytes, membersOf } from './group/pipeline.ts'

const machine = attester()
const challenge = new Uint8Array(64).fill(3)
const token = machine.token(machine.platformClaims(), machine.realmClaims(challenge))
const report = evidenceOf(groupBytes(membersOf()))

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value))
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const CCA = 'application/eat-collection; profile="http://arm.com/CCA-SSD/1.0.0"'

const carried = (bytes: Uint8Array, evidence: Uint8Array): CarriedEvidence => {
  const found = readEvidence(bytes)
  expect(Buffer.compare(found.bytes, evidence)).toBe(0)
  return found
}

describe('evidence', () => {
  test('is taken as it is where nothing carries it, and known as a token or a report by its profile', () => {
    expect(carried(token, token)).toMatchObject({ kind: 'token', carrier: 'none' })
    expect(carried(report, report)).toMatchObject({ kind: 'group', carrier: 'none' })
    const legacy = machine.token(machine.platformClaims(), new Map())
    expect(carried(legacy, legacy)).toMatchObject({ kind: 'token', carrier: 'none' })
  })

  test('is taken out of the object that the CCA attester of Trustee makes', () => {
    expect(carried(json({ token: [...token] }), token)).toMatchObject({ kind: 'token', carrier: 'trustee' })
    expect(carried(utf8(`\n ${JSON.stringify({ token: [...report] })} `), report)).toMatchObject({ kind: 'group' })
  })

  test('is taken out of a CMW record in each of its three forms', () => {
    for (const type of [CCA, 'Application/EAT-collection', 'application/eat+cwt', 263]) {
      expect(carried(json([type, base64url(token)]), token)).toMatchObject({ kind: 'token', carrier: 'cmw' })
      expect(carried(encodeCbor([type, token, 4]), token)).toMatchObject({ kind: 'token', carrier: 'cmw' })
    }
    // TN(263) as RFC 9277 computes it: 0x63740101 + (263 / 255) * 256 + 263 % 255.
    const tag = 0x63_74_01_01 + Math.floor(263 / 255) * 256 + (263 % 255)
    expect(carried(encodeCbor({ tag, value: report }), report)).toMatchObject({ kind: 'group', carrier: 'cmw' })
  })

  test('in a carrier that is broken, or of something else, comes back as it came', () => {
    const odd = [
      ...[{}, { token: 1 }, { token: [256] }, { token: [1.5] }, { token: ['1'] }, { evidence: [1] }].map(json),
      ...[[], [CCA], [CCA, 1], [CCA, 'a+b='], ['application/rim+cbor', ''], [CCA, '', 1, 1]].map(json),
      utf8('{"token":'),
      encodeCbor([263]),
      encodeCbor([18, token]),
      encodeCbor({ tag: 18, value: token }),
      new Uint8Array(),
      Uint8Array.of(0xff),
      Uint8Array.of(0x7b, 0xff),
      new Uint8Array(6 * GROUP_SIZE_LIMIT).fill(0x5b),
    ]
    for (const bytes of odd) expect(carried(bytes, bytes)).toMatchObject({ kind: 'token', carrier: 'none' })
  })
})

test('verification itself takes no carrier, and says of JSON that it is neither of those it could be', () => {
  const verdict = verifyToken(json({ token: [...token] }), {
    trustAnchors: [machine.trustAnchor],
    challenge,
    expectations: {},
  })
  expect(verdict).toMatchObject({
    kind: 'rejected',
    findings: [{ name: 'malformed', detail: 'it is JSON, and neither Trustee evidence nor a CMW record' }],
  })
})
