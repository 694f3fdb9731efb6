import { describe, expect, test } from 'vitest'
import { verifyToken } from '../../src/cca-token/verify.ts'
import type { Verdict } from '../../src/verdict.ts'
import {
  CPAK_P256,
  CPAK_P384,
  haveVectors,
  hex,
  IMPLEMENTATION_ID,
  INSTANCE_ID,
  readOwn,
  readOwnJson,
  readVector,
  readVectorJson,
} from '../published-vectors.ts'

interface Vector {
  readonly file: string
  readonly stage: string
  readonly challenge: string
}

/** Our names for the stages by which the vectors say where a defect must be found. */
const STAGES: Readonly<Record<string, readonly string[]>> = {
  cbor: ['malformed'],
  'claims-cbor': ['malformed'],
  collection: ['unknown-envelope', 'missing-platform', 'missing-realm', 'cmw-type'],
  cose: ['cose'],
  'cose-header': ['cose'],
  claims: ['claims', 'profile', 'digest-length'],
  rak: ['rak'],
  'platform-signature': ['platform-signature'],
  'realm-signature': ['realm-signature'],
  binding: ['binding'],
  freshness: ['freshness'],
  appraisal: ['lifecycle'],
}

const HOST_A = { name: 'host A', implementationId: IMPLEMENTATION_ID, instanceId: INSTANCE_ID, key: CPAK_P384 }
const HOST_B = {
  name: 'host B',
  implementationId: new Uint8Array(32),
  instanceId: hex('010202020202020202020202020202020202020202020202020202020202020202'),
  key: CPAK_P256,
}

const check = (
  evidence: Uint8Array,
  challenge: string,
  anchor = HOST_A,
  diagnostics: 'first' | 'all' = 'first',
): Verdict =>
  verifyToken(evidence, { trustAnchors: [anchor], challenge: hex(challenge), expectations: {}, diagnostics })

const outcome = (verdict: Verdict): string => (verdict.kind === 'accepted' ? '-' : verdict.findings[0]!.name)
const expected = (stage: string): readonly string[] => (stage === '-' ? ['-'] : STAGES[stage]!)

const own: Vector[] = readOwnJson('expect.json')
test.each(own)('$file is judged at stage $stage', ({ file, stage, challenge }) => {
  expect(expected(stage)).toContain(outcome(check(readOwn(file), challenge)))
})

describe.skipIf(!haveVectors)('published vectors (skipped where their folder is absent)', () => {
  const derived: Record<string, string>[] = haveVectors
    ? readVectorJson('attestation/derived/expect-public.json').vectors
    : []
  test.each(derived)('$file is judged at stage $stage: $why', ({ file, stage, nonce_hex }) => {
    const verdict = check(readVector(`attestation/derived/${file}`), nonce_hex!)
    expect(expected(stage!)).toContain(outcome(verdict))
  })

  const firmware: (Record<string, string> & { rem: string[] })[] = haveVectors
    ? readVectorJson('rmm/tokens/tokens.json').tokens
    : []
  test.each(firmware)('$file of the real monitor is accepted with the measurements that it recorded', (recorded) => {
    const { file, challenge, rim, rem, rpv, hash_algo } = recorded
    const verdict = check(readVector(`rmm/tokens/${file}`), challenge!)
    expect(verdict).toMatchObject({
      kind: 'accepted',
      claims: { realm: { rim: hex(rim!), rpv: hex(rpv!), rems: rem.map(hex), hashAlgorithm: hash_algo } },
    })
  })

  const hosts: Readonly<Record<string, typeof HOST_A>> = { A: HOST_A, B: HOST_B }
  const group = haveVectors ? readVectorJson('attestation/derived/group/expect-public.json') : { members: [] }
  const single: Record<string, string>[] = group.members.filter(
    (member: { file: string }) => !member.file.includes('derived-nonce'),
  )
  test.each(single)('group/$file, as the token of one Realm: $verdict', ({ file, host, verdict }) => {
    const actual = check(readVector(`attestation/derived/group/${file}`), group.nonce_hex, hosts[host!])
    expect(outcome(actual)).toBe(verdict === 'reject freshness' ? 'freshness' : '-')
  })

  test('a sample that names SHA-256 over 64-byte values is accepted only with the switch for it', () => {
    const evidence = readVector('attestation/ccatoken/tokens/testGoodCCAToken.cbor')
    const first = check(evidence, '')
    const seen = first.kind === 'rejected' && first.unverified?.kind === 'token' ? first.unverified : undefined
    const { implementationId, instanceId } = seen!.platform
    const options = {
      trustAnchors: [{ name: 'sample', implementationId, instanceId, key: CPAK_P256 }],
      challenge: seen!.realm.challenge,
      expectations: {},
    }
    expect(outcome(verifyToken(evidence, options))).toBe('digest-length')
    const lenient = verifyToken(evidence, { ...options, compat: ['digest-length'] })
    expect(lenient.kind).toBe('accepted')
    expect(lenient.notes.map((note) => note.name)).toContain('compat-switch-used')
  })

  test('the example whose signatures belong to an older text fails at both signatures, and only there', () => {
    const derived01 = derived.find((v) => v['file']!.startsWith('pos-01'))!
    const verdict = check(
      readVector('attestation/draft-ffm-rats-cca-token-04/example-907-2026.cbor'),
      derived01['nonce_hex']!,
      HOST_A,
      'all',
    )
    expect(verdict.kind === 'rejected' && verdict.findings.map((one) => one.name)).toEqual([
      'platform-signature',
      'realm-signature',
    ])
  })
})
