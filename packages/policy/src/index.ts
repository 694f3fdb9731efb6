export { type AddressAssignment, assignAddresses, SLOT_GRANULES, SLOTS } from './addresses.ts'
export { type BlobDecoding, decodeBlob } from './blob/decode.ts'
export { blobDigest, type HashAlgorithm } from './blob/digest.ts'
export { encodeBlob } from './blob/encode.ts'
export { checkPair, type SharedMemory } from './compatible/pair.ts'
export { type Channel, channelsByName, compatibleSet, type Member, type SetFact } from './compatible/set.ts'
export type { Change, ChangeFacts, IdentityChange, Width, WorkflowDiff } from './diff/change.ts'
export { diffWorkflows } from './diff/workflows.ts'
export { decodeEntry, type EdgeEntry, type EntryDecoding, type MemberEntry } from './disclosure/entry.ts'
export {
  countLeaves,
  type GroupTree,
  groupTree,
  SALT_BYTES,
  TREE_LEAVES,
  TREE_SEED_BYTES,
  type TreeLeaf,
} from './disclosure/group-tree.ts'
export { hiddenSubtrees, rootOfShown, type ShownLeaf } from './disclosure/inclusion.ts'
export { leafHash, TREE_HASH_BYTES } from './disclosure/merkle.ts'
export { describeFact, type Fact, type FactRule, ruleNumber, ruleOfNumber } from './facts.ts'
export { attestedGraph } from './flow/attested.ts'
export { explainFlow, type FlowExplanation, type FlowQuery } from './flow/explain.ts'
export {
  type EdgeReason,
  type FlowEdge,
  type FlowGraph,
  type FlowNode,
  flowGraph,
  HOST,
  type NodeKind,
  reads,
  writes,
} from './flow/graph.ts'
export { type HostVisible, hostVisible } from './flow/host-visible.ts'
export { type Hop, hopsOf, type Judgement, judge, namesOf } from './flow/judge.ts'
export { leakers } from './flow/leakers.ts'
export type { Network, NetworkMemory, NetworkPeer, NetworkTransition } from './flow/network.ts'
export { type SearchBounds, shortestPath } from './flow/paths.ts'
export { assertionDigest, printAssertion } from './flow/print-assertion.ts'
export {
  PACED_BITS_PER_SECOND,
  type PacingResidual,
  type Residual,
  residuals,
  type TimeResidual,
  type TransitionResidual,
} from './flow/residuals.ts'
export { nodesReached, nodesReaching, type ShortestPaths, shortestPaths } from './flow/shortest-paths.ts'
export { writersOf } from './flow/writers.ts'
export { type DecodedGroup, type DecodedMember, decodeGroup, type GroupDecoding } from './group/decode.ts'
export { encodeGroup } from './group/encode.ts'
export { expandedBytes } from './group/expanded.ts'
export { GROUP_BYTES, GROUP_EXPANDED_BYTES, GROUP_MEMBERS, type Group, type GroupMember } from './group/group.ts'
export type { MeasuredMember } from './group/read-member.ts'
export { sortGroup } from './group/sort.ts'
export { checkSelf, fittingMappings, type Identity, namedPeer, zeroRpv } from './identity.ts'
export {
  DEFAULT_LIMITS,
  HALF_GRANULES,
  NAME_BYTES,
  PEER_RIMS,
  type PolicyLimits,
  RPV_BYTES,
} from './limits.ts'
export {
  type Assertion,
  type IdRange,
  type Mapping,
  type Memory,
  type MemoryKind,
  type Peer,
  type Policy,
  type Property,
  RIGHT,
  type Rights,
  type Transition,
  type TransitionAction,
  type TransitionClass,
  type Workflow,
  type WorkflowMemory,
  type WorkflowPeer,
  type WorkflowTransition,
} from './model.ts'
export { decodePolyV1, isPoly, type PolyDecoding } from './poly-v1/decode.ts'
export { encodePolyV1, type PolyEncoding } from './poly-v1/encode.ts'
export { labelOfRim, limitsFor, POLY_LIMITS } from './poly-v1/layout.ts'
export { polyV1Measurement, rawPolyV1 } from './poly-v1/measure.ts'
export { shortName } from './poly-v1/names.ts'
export { translatePolyV1 } from './poly-v1/translate.ts'
export { closureOverLimit, hasIdentity, type Projection, project, wholePolicy, withIdentities } from './project.ts'
export { complementRanges, normalizeRanges, sameRanges } from './ranges.ts'
export {
  FORCED,
  ID_SPACE,
  idsOfName,
  MEASURE,
  MICA_RSI,
  type NamedIds,
  nameOfId,
  namesOfClass,
  PHYSICAL_INTERRUPT,
  SERROR,
  SERVICES,
  type Service,
  TRANSITIONS,
  WFX,
} from './transition-ids.ts'
export { isForced, serviceOf, type TransitionDecision, transitionAction, transitionDefault } from './transitions.ts'
export { checkWellFormed } from './well-formed.ts'
