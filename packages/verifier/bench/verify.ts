import { encodeCbor } from '@mica/policy/cbor'
import {
  defaultSignatures,
  nobleSignatures,
  rememberSignatures,
  type SignatureVerifier,
  verify,
  verifyToken,
} from '../src/index.ts'
import { attester } from '../test/attester.ts'
import { collectionOf, ringOf } from './material/ring.ts'

/** One measured figure. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
}

const TOKENS_PER_ROUND = 5
const ROUNDS = 400
const NOBLE_ROUNDS = 12

/** Measures verification, and the size of what is verified. */
export function rows(): readonly BenchRow[] {
  return [
    { name: 'verify.single_per_s', value: tokensPerSecond(remembered, ROUNDS), unit: 'tokens/s' },
    { name: 'verify.noble_per_s', value: tokensPerSecond(nobleSignatures, NOBLE_ROUNDS), unit: 'tokens/s' },
    { name: 'verify.group_8_members_ms', value: groupMs(8, 200), unit: 'ms' },
    ...sizes(),
  ]
}

const remembered = rememberSignatures(defaultSignatures)

/** Challenges that are all different. */
function challenges(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const challenge = new Uint8Array(64).fill(index % 251)
    challenge[0] = Math.floor(index / 251)
    return challenge
  })
}

/** Reports on one group, each to another challenge: all signatures but that of the platform are new. */
function groupMs(members: number, rounds: number): number {
  const { options, answer } = ringOf(members)
  const reports = challenges(rounds).map((challenge) => ({ challenge, evidence: answer(challenge) }))
  let round = 0
  return best(rounds, () => {
    const { challenge, evidence } = reports[round++]!
    demand(verify(evidence, { ...options, challenge, signatures: remembered }).kind)
  })
}

/** Tokens of many Realms of one machine, whose platform token is the same bytes; each with a challenge of its own. */
function tokensPerSecond(signatures: SignatureVerifier, rounds: number): number {
  const a = attester()
  const platform = encodeCbor(a.sign('platform', encodeCbor(a.platformClaims())))
  const tokens = challenges(TOKENS_PER_ROUND * rounds).map((challenge) => {
    const realm = encodeCbor(a.sign('realm', encodeCbor(a.realmClaims(challenge))))
    return { challenge, evidence: collectionOf(platform, realm) }
  })
  let round = 0
  const ms = best(rounds, () => {
    for (const { challenge, evidence } of tokens.slice(TOKENS_PER_ROUND * round, TOKENS_PER_ROUND * ++round)) {
      const options = { trustAnchors: [a.trustAnchor], challenge, signatures, expectations: {} }
      demand(verifyToken(evidence, options).kind)
    }
  })
  return TOKENS_PER_ROUND / (ms / 1000)
}

/** Bytes of reports on pipelines of one policy each, and of the same Realms' single tokens. */
function sizes(): readonly BenchRow[] {
  const bytes = (members: number): number => ringOf(members).evidence.length
  const a = attester()
  const single = a.token(a.platformClaims(), a.realmClaims(new Uint8Array(64))).length
  return [
    ...[1, 2, 3, 8, 64].map((members) => ({
      name: `evidence.bytes_${members}_members`,
      value: bytes(members),
      unit: 'bytes',
    })),
    { name: 'evidence.bytes_per_further_member', value: (bytes(64) - bytes(8)) / 56, unit: 'bytes' },
    { name: 'evidence.bytes_3_single_tokens', value: 3 * single, unit: 'bytes' },
  ]
}

function demand(kind: 'accepted' | 'rejected'): void {
  if (kind !== 'accepted') throw new Error('the benchmark is wrong: its evidence is rejected')
}

/**
 * The best of several rounds, in milliseconds of processor time: what one core does, whatever else the machine is busy
 * with. The other rounds were compiled, or found the caches of others.
 */
function best(rounds: number, round: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let count = 0; count < rounds; count++) {
    const start = process.cpuUsage()
    round()
    const { user, system } = process.cpuUsage(start)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}
