import { encodeCbor } from '../cbor/encode.ts'
import type { CborKey, CborValue } from '../cbor/value.ts'
import type { IdRange, Mapping, Memory, Peer, Policy, Transition } from '../model.ts'
import { ACTION_CODE, BLOB_FORMAT, CLASS_CODE, FLAG, KEY, KIND_CODE, OPTION_PACED } from './layout.ts'

/**
 * The canonical blob of a policy (format 2, deterministic CBOR).
 *
 * The policy is one that `checkWellFormed` accepts; what it refuses may encode to a blob that no decoder takes.
 */
export function encodeBlob(policy: Policy): Uint8Array {
  return encodeCbor(new Map([...bodyValue(policy), [KEY.self, policy.self]]))
}

/** How a measurement is written where a policy stands inside something larger. */
export type RimForm = (rim: Uint8Array) => CborValue

/** The outer map of a blob without Self, measurements written by `form`: what policies of one workflow share. */
export function bodyValue(policy: Policy, form: RimForm = (rim) => rim): Map<CborKey, CborValue> {
  const map = new Map<CborKey, CborValue>([
    [KEY.format, BLOB_FORMAT],
    [KEY.peers, policy.peers.map((peer) => peerValue(peer, form))],
    [KEY.memories, policy.memories.map(memoryValue)],
    [KEY.transitions, policy.transitions.map(transitionValue)],
  ])
  if (policy.version !== undefined) map.set(KEY.version, policy.version)
  if (policy.assertionDigest !== undefined) map.set(KEY.assertions, policy.assertionDigest)
  return map
}

function peerValue(peer: Peer, form: RimForm): CborValue {
  const flags = (peer.gateway ? FLAG.gateway : 0) | (peer.strict ? FLAG.strict : 0)
  const rims = peer.rims.map(form)
  const rim = rims.length === 0 ? null : rims.length === 1 ? rims[0]! : rims
  return peer.rpv === undefined ? [peer.name, flags, rim] : [peer.name, flags, rim, peer.rpv]
}

function memoryValue(memory: Memory): CborValue {
  const fields = [memory.name, KIND_CODE[memory.kind], memory.granules, memory.mappings.map(mappingValue)]
  return memory.paced ? [...fields, OPTION_PACED] : fields
}

function mappingValue(mapping: Mapping): CborValue {
  const fields = [mapping.peer, mapping.rights, mapping.ipaGranule]
  return mapping.anyCount === undefined ? fields : [...fields, mapping.anyCount]
}

function transitionValue(transition: Transition): CborValue {
  const { peer, class: transitionClass, action, ranges } = transition
  return [peer, CLASS_CODE[transitionClass], ACTION_CODE[action], ranges.map(rangeValue)]
}

function rangeValue([first, last]: IdRange): CborValue {
  return first === last ? first : [first, last]
}
