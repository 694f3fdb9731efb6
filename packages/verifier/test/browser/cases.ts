import { readdirSync } from 'node:fs'
import { anchorFor, hexBytes } from '../../vectors/judge-token.ts'
import { corim, map, PLATFORM_PROFILE, platformCorim, realmCorim, SIGNER, signedCorim, tag } from '../corim/corims.ts'
import { options as partOptions, shown, whole, wholeOptions } from '../disclosure/disclosures.ts'
import { evidenceOf, groupBytes, membersOf, options } from '../group/pipeline.ts'
import { CPAK_P384, readOwn, readOwnJson } from '../published-vectors.ts'
import { receiptOf, options as receiptOptions, reportOf } from '../receipt/receipts.ts'
import { certificate, party } from '../x509/certificates.ts'
import type { Case } from './judged.ts'

const AT = '2026-11-21T00:00:00.000Z'
const X5CHAIN = 33
const files = (folder: string): string[] =>
  readdirSync(new URL(`../vectors/${folder}`, import.meta.url)).filter((name) => /\.(cbor|json)$/.test(name))

/** Every vector that travels with the sources, judged as far as the first failure and as far as it can be read. */
function vectorCases(): readonly Case[] {
  const { nonce_hex, vectors } = readOwnJson('expect.json')
  const challengeOf = (file: string): Uint8Array =>
    hexBytes(vectors.find((one: { file: string }) => one.file === file)?.nonce_hex ?? nonce_hex)
  const tokens = [...files('').map((file) => file), ...files('group').map((file) => `group/${file}`)]
    .filter((file) => file.endsWith('.cbor'))
    .flatMap((file) =>
      (['first', 'all'] as const).map((diagnostics): Case => {
        const evidence = readOwn(file)
        const trustAnchors = anchorFor(evidence, CPAK_P384)
        const challenge = challengeOf(file)
        return { call: 'token', evidence, options: { trustAnchors, challenge, diagnostics, expectations: {} } }
      }),
    )
  const manifests = files('corim').map(
    (file): Case => ({ call: 'endorsements', file: readOwn(`corim/${file}`), at: AT }),
  )
  const claims = files('').filter((file) => file.endsWith('.json'))
  const text = (file: string): string => new TextDecoder().decode(readOwn(file))
  return [...tokens, ...manifests, ...claims.map((file): Case => ({ call: 'claims', json: text(file) }))]
}

/** What there is no vector of: reports and parts of them, receipts, sets, carriers, and manifests that are signed. */
function madeCases(): readonly Case[] {
  const report = evidenceOf(groupBytes(membersOf()))
  const broken = report.slice()
  broken[report.length - 1]! ^= 1
  const [first, second] = [readOwn('group/A1.cbor'), readOwn('group/A1-resigned.cbor')]
  const trustAnchors = anchorFor(first, CPAK_P384)
  const challenge = hexBytes(readOwnJson('expect.json').nonce_hex)
  const [root, authority, signer] = [party('root'), party('authority', 'P-384'), party('signer')]
  const rootCert = certificate(root, root, true)
  const chain = [certificate(signer, authority, false), certificate(authority, root, true)]
  const certified = signedCorim(platformCorim(), [[X5CHAIN, chain]], signer.privateKey)
  const signers = { signers: { keys: [SIGNER], roots: [rootCert] } }
  const carried = new TextEncoder().encode(JSON.stringify({ token: [...first] }))
  const odd = corim(PLATFORM_PROFILE, map([0, [[tag(1, 2), []]]]))
  return [
    ...[report, broken, first].flatMap((evidence): readonly Case[] => [
      { call: 'group', evidence, options },
      { call: 'group', evidence, options: { ...options, diagnostics: 'first' } },
    ]),
    { call: 'group', evidence: whole, options: wholeOptions },
    ...[shown('encoder'), whole].map((evidence): Case => ({ call: 'part', evidence, options: partOptions })),
    ...[{}, { report: reportOf() }].map((expectations): Case => {
      return { call: 'receipt', evidence: receiptOf(), options: { ...receiptOptions, expectations } }
    }),
    { call: 'token', evidence: carried, options: { trustAnchors, challenge, expectations: {} } },
    ...[true, false].map((samePlatform): Case => {
      const expected = { trustAnchors, challenge, expectations: {}, challenges: 'same', samePlatform } as const
      return { call: 'set', tokens: [first, second], options: expected }
    }),
    ...[certified, signedCorim(realmCorim()), realmCorim(), odd].flatMap((file): readonly Case[] => [
      { call: 'endorsements', file, signers, at: AT },
      { call: 'endorsements', file, at: AT },
    ]),
    { call: 'derived', challenge },
  ]
}

/** Everything that is judged in each place. */
export const cases = (): readonly Case[] => [...vectorCases(), ...madeCases()]

/** A good report on a group. */
export const groupCase: Case = { call: 'group', evidence: evidenceOf(groupBytes(membersOf())), options }
