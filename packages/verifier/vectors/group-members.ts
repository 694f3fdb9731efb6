import { dirname, resolve } from 'node:path'
import { derivedChallenge, type FindingName, type TrustAnchor, verifyTokenSet } from '../src/index.ts'
import { isRecord } from '../src/json.ts'
import { bytesOf, type Json, publicKeyOf, records, text } from './files.ts'
import { hexBytes, judgeToken } from './judge-token.ts'
import { findingsAt } from './stages.ts'
import { compare, type Outcome } from './vector.ts'

/**
 * Checks tokens meant as members of a set: `{ nonce_hex, hosts: { name: { cpak, implementation_id, instance_id } },
 * members: [{ file, host, verdict }] }`. The verdict is a sentence; what its first words say is checked of the token
 * alone, and `reject-in-group-with-X` of the pair.
 */
export function checkGroupMembers(file: string, json: Json, label: (path: string) => string): readonly Outcome[] {
  const nonce = hexBytes(text(json, 'nonce_hex'))
  const trustAnchors = anchorsOf(file, isRecord(json['hosts']) ? json['hosts'] : {})
  return records(json['members']).map((member) => {
    const path = resolve(dirname(file), text(member, 'file') ?? '')
    const name = label(path)
    const verdict = text(member, 'verdict') ?? ''
    const evidence = bytesOf(path)
    if (evidence === undefined) return { name, passed: false, detail: 'the file is missing' }

    const [, other] = /^reject-in-group-with-(\S+)/.exec(verdict) ?? []
    if (other !== undefined) {
      const first = bytesOf(resolve(dirname(file), `${other}.cbor`))
      return first === undefined
        ? { name, passed: false, detail: `${other}.cbor is missing` }
        : compare(name, ['set-duplicate'], judgePair([first, evidence], nonce, trustAnchors))
    }
    const [, position] = /challenge_i\b.*\bi=(\d+)/.exec(verdict) ?? []
    const challenge = position === undefined ? nonce : derivedChallenge(nonce, Number(position))
    const [, stage] = /^reject (\S+)/.exec(verdict) ?? []
    const { found } = judgeToken({ evidence, trustAnchors, challenge })
    return compare(name, stage === undefined ? ['accepted'] : findingsAt(stage), found)
  })
}

/** The name of the first failure of two tokens as a set, in which each alone has to be good. */
function judgePair(
  tokens: readonly Uint8Array[],
  challenge: Uint8Array,
  trustAnchors: readonly TrustAnchor[],
): FindingName | 'accepted' | 'a member rejected alone' {
  const verdict = verifyTokenSet(tokens, {
    trustAnchors,
    challenge,
    challenges: 'same',
    samePlatform: true,
    expectations: {},
  })
  if (verdict.members.some(({ kind }) => kind === 'rejected')) return 'a member rejected alone'
  return verdict.findings.find(({ severity }) => severity === 'failure')?.name ?? 'accepted'
}

function anchorsOf(file: string, hosts: Json): readonly TrustAnchor[] {
  return Object.entries(hosts).flatMap(([name, host]) => {
    if (!isRecord(host)) return []
    const key = publicKeyOf(resolve(dirname(file), text(host, 'cpak') ?? ''))
    if (key === undefined) return []
    const [implementationId, instanceId] = ['implementation_id', 'instance_id'].map((id) => hexBytes(text(host, id)))
    return [{ name, implementationId: implementationId!, instanceId: instanceId!, key }]
  })
}
