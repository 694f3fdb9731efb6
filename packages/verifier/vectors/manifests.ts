import { dirname, resolve } from 'node:path'
import { readCorim } from '../src/corim/read.ts'
import type { EndorsementSigners } from '../src/corim/signed.ts'
import { readSigners } from '../src/corim/signers.ts'
import { keyFromJwk } from '../src/cose/key.ts'
import { bytesOf, publicKeyOf } from './files.ts'
import { compare, type Outcome } from './vector.ts'

/** What reading a manifest gives: `accepted`, or why not; and what it took, if anything. */
export interface ManifestJudgement {
  readonly found: string
  readonly needed?: string | undefined
}

/** Published manifests and certificates run out: each was valid at one of these times. */
const PAST: readonly Date[] = [new Date('2025-06-01T00:00:00Z'), new Date('2026-01-15T00:00:00Z')]

/** Reads a manifest, at a time at which it was valid. */
export function judgeManifest(bytes: Uint8Array, signers?: EndorsementSigners): ManifestJudgement {
  const now = readCorim(bytes, { signers })
  if (now.kind === 'read') return { found: 'accepted' }
  const past = PAST.find((at) => readCorim(bytes, { signers, at }).kind === 'read')
  if (past === undefined) {
    const then = readCorim(bytes, { signers, at: PAST[0] })
    return { found: then.kind === 'refused' ? then.reason : now.reason }
  }
  return { found: 'accepted', needed: `as of ${past.toISOString().slice(0, 10)}: ${now.reason}` }
}

/**
 * Checks a manifest by the words of an index: `VALID` and `REJECT` are about all of it; `signature VALID` about its
 * signature by `key`, whatever it holds; `VALID under F` names a root certificate in the folder `key`; `FAIL with F` a
 * key that it is not signed with.
 */
export function checkManifest(
  path: string,
  verdict: string,
  key: string | undefined,
  bytes: Uint8Array,
  name: string,
): readonly Outcome[] {
  const [, root] = /VALID under (\S+?),?(?:\s|$)/.exec(verdict) ?? []
  const [, wrong] = /FAIL with (\S+)/.exec(verdict) ?? []
  const signers = root === undefined ? signedBy(key) : certificatesOf(resolve(key ?? dirname(path), root))
  const judged = judgeManifest(bytes, signers)
  if (!verdict.startsWith('signature VALID')) {
    const expected = verdict.startsWith('REJECT') ? 'refused' : 'accepted'
    const found = expected === 'refused' && judged.found !== 'accepted' ? 'refused' : judged.found
    return [compare(name, [expected], found, judged.needed)]
  }
  const signature = compare(name, ['signed'], isSignedBy(bytes, signers) ? 'signed' : judged.found, contentOf(judged))
  if (wrong === undefined) return [signature]
  const other = signedBy(resolve(dirname(path), wrong))
  return [
    signature,
    compare(`${name} with a wrong key`, ['not signed'], isSignedBy(bytes, other) ? 'signed' : 'not signed'),
  ]
}

const contentOf = ({ found, needed }: ManifestJudgement): string | undefined =>
  found === 'accepted' ? needed : `by its signature only: ${found}`

/** Whether one of `signers` signed it: what a reader says then is another thing than if nobody could be known to have. */
function isSignedBy(bytes: Uint8Array, signers: EndorsementSigners | undefined): boolean {
  return PAST.some((at) => {
    const reading = readCorim(bytes, { signers, at })
    return reading.kind === 'read' || !/\b(?:sign(?:ed|ature)|trusted)\b/.test(reading.reason)
  })
}

function signedBy(keyFile: string | undefined): EndorsementSigners | undefined {
  const jwk = keyFile === undefined ? undefined : publicKeyOf(keyFile)
  const key = jwk === undefined ? undefined : keyFromJwk(jwk)
  return key === undefined ? undefined : { keys: [key] }
}

function certificatesOf(file: string): EndorsementSigners {
  const reading = readSigners(bytesOf(file) ?? new Uint8Array())
  return reading.kind === 'read' ? reading.value : {}
}
