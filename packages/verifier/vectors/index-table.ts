import { basename, dirname, resolve } from 'node:path'
import { keyFromJwk } from '../src/cose/key.ts'
import { decodeSign1, signedBytes } from '../src/cose/sign1.ts'
import { verifyEar } from '../src/ear/jwt.ts'
import {
  defaultSignatures,
  readClaimsJson,
  readPlatformClaims,
  readRealmClaims,
  readReferenceValues,
  readTrustAnchors,
  type TrustAnchor,
  verifyToken,
} from '../src/index.ts'
import { bytesOf, publicKeyOf, textOf } from './files.ts'
import { anchorFor, challengeIn, judgeToken, type TokenJudgement } from './judge-token.ts'
import { checkManifest } from './manifests.ts'
import { sortOf } from './sort-of.ts'
import { compare, type Outcome } from './vector.ts'

/** One row of an index: a file, what has to be found, and by which key. */
interface IndexRow {
  readonly path: string
  readonly verdict: string
  /** The folder in which the verdict names files. */
  readonly folder: string
  /** Of reference values: the row of the token that they are for. */
  readonly subject: IndexRow | undefined
  /** The key file, or folder of certificates, where the row names one. */
  readonly key: string | undefined
}

/** Verdicts on form and signatures. Others in an index are inputs, sources, or stand in an expectation file as well. */
const CHECKED = /\bVALID\b|^REJECT(?! @)|must NOT affirm/

/**
 * Checks an index for people: a Markdown table of file, what it is, expected verdict and key. A verdict with the word
 * VALID has to be accepted, one that starts with REJECT refused; `VALID with F` and `FAILS with F` name files of trust
 * anchors or keys. Such an index speaks of form and signatures, and knows no challenge: each token is judged with its
 * own, and by the switch for measurements of another length than their algorithm's where it needs one.
 */
export async function checkIndexTable(file: string, label: (path: string) => string): Promise<readonly Outcome[]> {
  const outcomes = rowsOf(file).map(async (row) => {
    const bytes = bytesOf(row.path)
    if (bytes === undefined) return [{ name: label(row.path), passed: false, detail: 'the file is missing' }]
    return checkRow(row, bytes, label(row.path))
  })
  return (await Promise.all(outcomes)).flat()
}

/** Rows with a verdict that is checked. `as above` repeats that of the row before. */
function rowsOf(file: string): readonly IndexRow[] {
  const rows: IndexRow[] = []
  for (const line of (textOf(file) ?? '').split('\n')) {
    const [, name, what = '', said, key] = line.split('|').map((cell) => cell.trim())
    if (name === undefined || said === undefined || /^(file|-*)$/.test(name)) continue
    const path = resolve(dirname(file), name)
    const above = said === 'as above' ? rows.at(-1) : undefined
    const [keyFile] = /[\w./-]+(?:\.(?:jwk\.json|json|jwk|pem)|\/)/.exec(key ?? '') ?? []
    const [, subject] = /^reference values for (\S+)/.exec(what) ?? []
    rows.push({
      subject: rows.find(({ path }) => basename(path) === `${subject}.cbor`),
      path,
      verdict: above?.verdict ?? said,
      folder: above?.folder ?? dirname(path),
      key: keyFile === undefined ? undefined : resolve(dirname(file), keyFile),
    })
  }
  return rows.filter(({ verdict }) => CHECKED.test(verdict))
}

async function checkRow(row: IndexRow, bytes: Uint8Array, name: string): Promise<readonly Outcome[]> {
  if (row.subject !== undefined) return [compare(name, ['not affirming'], appraiseWith(row.path, row.subject))]
  const expected = row.verdict.startsWith('REJECT') ? 'refused' : 'accepted'
  const claims = (reading: { readonly kind: 'claims' | 'refused' }): readonly Outcome[] => [
    compare(name, [expected], reading.kind === 'claims' ? 'accepted' : 'refused'),
  ]
  switch (sortOf(row.path, bytes)) {
    case 'claims-json':
      return claims(readClaimsJson(new TextDecoder().decode(bytes)))
    case 'platform-claims':
      return claims(readPlatformClaims(bytes))
    case 'realm-claims':
      return claims(readRealmClaims(bytes))
    case 'platform-token':
      return [compare(name, [expected], platformTokenIsSigned(bytes, row.key) ? 'accepted' : 'refused')]
    case 'token':
      return checkToken(row, bytes, name, expected)
    case 'corim':
      return checkManifest(row.path, row.verdict, row.key, bytes, name)
    case 'jwt':
      return [await checkResult(row, new TextDecoder().decode(bytes), name, expected)]
  }
}

/** An attestation result by somebody else: its signature, and its content by the profile that it names. */
async function checkResult(row: IndexRow, jwt: string, name: string, expected: string): Promise<Outcome> {
  const key = row.key === undefined ? undefined : publicKeyOf(row.key)
  if (key === undefined) return { name, passed: false, detail: 'its key is missing' }
  const reading = await verifyEar(jwt.trim(), key, { profiles: ['test'] })
  return compare(name, [expected], reading.kind === 'ear' ? 'accepted' : 'refused')
}

function platformTokenIsSigned(bytes: Uint8Array, keyFile: string | undefined): boolean {
  const message = decodeSign1(bytes)
  const jwk = keyFile === undefined ? undefined : publicKeyOf(keyFile)
  const key = jwk === undefined ? undefined : keyFromJwk(jwk)
  if (message.kind !== 'sign1' || key === undefined) return false
  const { algorithm, signature } = message.sign1
  return defaultSignatures.verify(algorithm, key, signedBytes(message.sign1), signature)
}

function checkToken(row: IndexRow, evidence: Uint8Array, name: string, expected: string): readonly Outcome[] {
  const beside = (pattern: RegExp): string | undefined => {
    const [, file] = pattern.exec(row.verdict) ?? []
    return file === undefined ? undefined : resolve(row.folder, file)
  }
  const judged = judgeWithSwitches(evidence, anchorsOf(evidence, beside(/VALID with (\S+\.json)/) ?? row.key))
  const found = judged.found !== 'accepted' && expected === 'refused' ? 'refused' : judged.found
  const outcome = compare(name, [expected], found, judged.needed)
  const values = beside(/appraise OK with (\S+\.json)/)
  if (values !== undefined)
    return [outcome, compare(`${name} with its values`, ['affirming'], appraiseWith(values, row))]
  const wrongKey = beside(/FAILS with (\S+\.json)/)
  if (wrongKey === undefined) return [outcome]
  const { found: withWrongKey } = judgeWithSwitches(evidence, anchorsOf(evidence, wrongKey))
  return [outcome, compare(`${name} with a wrong key`, ['platform-signature', 'alg-key-mismatch'], withWrongKey)]
}

/** Whether a token is affirmed in all of its parts by the reference values in a file. */
function appraiseWith(file: string, token: IndexRow): 'affirming' | 'not affirming' | 'unreadable' {
  const evidence = bytesOf(token.path)
  const values = readReferenceValues(textOf(file) ?? '')
  if (evidence === undefined || values.kind === 'refused') return 'unreadable'
  const { submodules } = verifyToken(evidence, {
    trustAnchors: anchorsOf(evidence, token.key),
    endorsements: values.value,
    challenge: challengeIn(evidence),
    expectations: {},
  })
  return submodules.every(({ status }) => status === 'affirming') ? 'affirming' : 'not affirming'
}

function judgeWithSwitches(evidence: Uint8Array, trustAnchors: readonly TrustAnchor[]): TokenJudgement {
  const strict = judgeToken({ evidence, trustAnchors })
  return strict.found === 'digest-length' ? judgeToken({ evidence, trustAnchors, compat: ['digest-length'] }) : strict
}

/** The anchors in a file, which may be a key alone. */
function anchorsOf(evidence: Uint8Array, file: string | undefined): readonly TrustAnchor[] {
  if (file === undefined) return []
  const anchors = readTrustAnchors(textOf(file) ?? '')
  if (anchors.kind === 'read') return anchors.value
  const key = publicKeyOf(file)
  return key === undefined ? [] : anchorFor(evidence, key)
}
