import { type Memory, type Policy, RIGHT } from '@mica/policy'
import { RSI_HOST_CALL, RSI_MEASUREMENT_EXTEND, RSI_MICA_TIME } from '@mica/rmm/abi'
import type { ChannelDeclaration } from './declaration.ts'

/** The letters that a declaration writes for the rights of a mapping. */
const rightLetters: readonly (readonly [bit: number, letter: string])[] = [
  [RIGHT.read, 'r'],
  [RIGHT.write, 'w'],
  [RIGHT.execute, 'x'],
  [RIGHT.owner, 'o'],
]

/** The name of everyone whom a policy does not name, and of the Normal world, among the ends of a channel. */
const ANY = 'any'
const HOST = 'host'

/** What of a workflow or a policy the declaration of a peer depends on. */
export type Described = Pick<Policy, 'memories' | 'transitions'> & {
  readonly peers: readonly { readonly name: string }[]
}

/**
 * What a policy or workflow says about the channels of one peer.
 *
 * Generating the types and comparing them at boot both use this, so that they cannot disagree.
 *
 * @param peer Index of the peer.
 */
export function declareChannels(described: Described, peer: number): Readonly<Record<string, ChannelDeclaration>> {
  const declared: [string, ChannelDeclaration][] = []
  for (const memory of described.memories) {
    const own = memory.mappings.find((mapping) => mapping.peer === peer)
    if (own === undefined) continue
    const nameOf = (index: number | null): string => (index === null ? ANY : (described.peers[index]?.name ?? ANY))
    const withRight = (right: number): string[] =>
      memory.mappings.filter((mapping) => (mapping.rights & right) !== 0).map((mapping) => nameOf(mapping.peer))
    const host = memory.kind === 'unprotected' ? [HOST] : []
    const ends = memory.mappings.filter((mapping) => mapping !== own).map((mapping) => nameOf(mapping.peer))
    declared.push([
      memory.name,
      {
        name: memory.name,
        kind: memory.kind,
        rights: rightLetters.map(([bit, letter]) => ((own.rights & bit) === 0 ? '' : letter)).join(''),
        granules: memory.granules,
        paced: memory.paced,
        ends: [...ends, ...host],
        writers: [...withRight(RIGHT.write), ...hostIf(memory, RIGHT.read)],
        readers: [...withRight(RIGHT.read), ...hostIf(memory, RIGHT.write)],
      },
    ])
  }
  return Object.fromEntries(declared)
}

/** The host takes the part in unprotected memory that answers the right of the others. */
function hostIf(memory: Memory, right: number): string[] {
  const answers = memory.kind === 'unprotected' && memory.mappings.some((mapping) => (mapping.rights & right) !== 0)
  return answers ? [HOST] : []
}

/** Calls that an SDK offers only where a policy lists them as allowed. */
const grantable: readonly (readonly [name: string, functionId: bigint])[] = [
  ['host_call', RSI_HOST_CALL],
  ['measure', RSI_MEASUREMENT_EXTEND],
  ['time', RSI_MICA_TIME],
]

/** The names of the calls that a policy lists as allowed for a peer, among those the SDK offers. */
export function declareCalls(described: Described, peer: number): readonly string[] {
  const rules = described.transitions.filter(
    (rule) => rule.peer === peer && rule.class === 'call' && rule.action === 'allow',
  )
  const allowed = (id: number): boolean =>
    rules.some((rule) => rule.ranges.some(([first, last]) => first <= id && id <= last))
  return grantable.filter(([, functionId]) => allowed(Number(functionId))).map(([name]) => name)
}
