import { type GroupTree, groupTree, leafHash } from '@mica/policy'
import { decodeCbor, encodeCbor } from '@mica/policy/cbor'
import { disclose } from '@mica/verifier'
import { describe, expect, test } from 'vitest'
import { ATTEST_GROUP_DISCLOSABLE, RSI_MICA_LEAVE } from '../../src/abi/index.ts'
import { groupToken, openTree } from '../mica/group-evidence.ts'
import { Pipeline } from '../mica/pipeline.ts'
import { PAGE, type ScriptedRealm } from '../scripted-host.ts'
import { judgePart, judgeReport, outcomeOf } from './court.ts'

const DISCLOSURE = -75015

const reportOf = (realm: ScriptedRealm, word: bigint): Uint8Array =>
  groupToken(realm, word, PAGE, ATTEST_GROUP_DISCLOSABLE)

function partOf(report: Uint8Array, ...members: readonly string[]): Uint8Array {
  const disclosing = disclose(
    report,
    members.map((member) => ({ member })),
  )
  if (disclosing.kind === 'refused') throw new Error(disclosing.reason)
  return disclosing.evidence
}

type Collection = { readonly tag: number; readonly value: Map<number, readonly [number, Uint8Array]> }

function collectionOf(evidence: Uint8Array): Collection {
  const decoded = decodeCbor(evidence, { deterministic: true })
  if (decoded.kind === 'malformed') throw new Error(decoded.reason)
  return decoded.value as unknown as Collection
}

/** A part with what it shows replaced by what another shows. */
function showing(part: Uint8Array, other: Uint8Array): Uint8Array {
  const { tag, value } = collectionOf(part)
  return encodeCbor({ tag, value: new Map([...value, [DISCLOSURE, collectionOf(other).value.get(DISCLOSURE)!]]) })
}

describe('a part of a report', () => {
  test('is accepted from the member that the monitor signed it for: what follows could work', () => {
    const { encoder } = new Pipeline().uploadAll().realms
    const verdict = judgePart(partOf(reportOf(encoder, 5n), 'encoder'), 5n)
    expect(outcomeOf(verdict)).toBe('accepted')
    const [shown] = verdict.kind === 'accepted' ? verdict.claims.disclosure.members : []
    expect(Buffer.from(shown!.rim).equals(encoder.rim)).toBe(true)
    expect(shown!.edges).toHaveLength(2)
  })

  test('does not take what another report shows: of the same group, of an earlier moment, of another group', () => {
    const { realms } = new Pipeline().uploadAll()
    const alone = new Pipeline()
    alone.upload('encoder')
    const earlier = reportOf(realms.encoder, 5n)
    realms.encoder.call(RSI_MICA_LEAVE, 0)
    const now = partOf(reportOf(realms.encoder, 5n), 'encoder')
    const again = partOf(reportOf(realms.encoder, 5n), 'encoder')
    for (const other of [partOf(earlier, 'encoder'), again, partOf(reportOf(alone.realms.encoder, 5n), 'encoder')]) {
      expect(outcomeOf(judgePart(showing(now, other), 5n))).toBe('group-tree')
    }
    expect(outcomeOf(judgePart(showing(now, now), 5n))).toBe('accepted')
  })

  test('is old when the question is new', () => {
    const { encoder } = new Pipeline().uploadAll().realms
    expect(outcomeOf(judgePart(partOf(reportOf(encoder, 5n), 'encoder'), 6n))).toBe('freshness')
  })

  test('is not taken for the whole, however much it shows, nor the whole for a part', () => {
    const { encoder } = new Pipeline().uploadAll().realms
    const report = reportOf(encoder, 5n)
    const all = partOf(report, 'gate', 'encoder', 'moderator')
    const expectations = { peers: new Map(), assertions: [] }
    expect(outcomeOf(judgeReport(all, 5n, expectations))).toBe('group-tree')
    expect(outcomeOf(judgePart(report, 5n))).toBe('group-tree')
  })
})

test('a third party that knows all of the group but the seed finds none of the hidden leaves by its guesses', () => {
  const { realms } = new Pipeline().uploadAll()
  const report = reportOf(realms.encoder, 5n)
  const { group, seed } = openTree(report)
  const part = partOf(report, 'encoder')
  const verdict = judgePart(part, 5n)
  const members = verdict.kind === 'accepted' ? verdict.claims.disclosure.members : []
  const shown = members.flatMap(({ leaf, edges }) => [leaf, ...edges.map((edge) => edge.leaf)])
  const hiddenIn = ({ leaves }: GroupTree): Buffer[] =>
    leaves.filter((_, index) => !shown.includes(index)).map(({ salt, entry }) => Buffer.from(leafHash(salt, entry)))
  const tree = groupTree(group, seed)
  // With the seed each hidden leaf is found in what makes the proof, or below it; without it, no salt that is known helps.
  const known = [...shown.map((index) => tree.leaves[index]!.salt), new Uint8Array(32), new Uint8Array(0)]
  const entries = tree.leaves.filter((_, index) => !shown.includes(index)).map(({ entry }) => entry)
  const guesses = known.flatMap((salt) => entries.map((entry) => Buffer.from(leafHash(salt, entry))))
  const leaves = hiddenIn(tree)
  expect(leaves).toHaveLength(6)
  expect(guesses.filter((guess) => leaves.some((leaf) => leaf.equals(guess)))).toEqual([])
  expect(guesses.filter((guess) => Buffer.from(part).includes(guess))).toEqual([])
  expect(leaves.some((leaf) => Buffer.from(part).includes(leaf))).toBe(true)
})
