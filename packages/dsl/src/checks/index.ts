import { ambiguousStrangers } from './ambiguous-strangers.ts'
import { assertionNames } from './assertion-names.ts'
import { assertionsHold } from './assertions-hold.ts'
import { channelEnds } from './channel-ends.ts'
import type { Check } from './check.ts'
import { closureLimits } from './closure-limits.ts'
import { gatewayWithoutHostMemory } from './gateway-without-host-memory.ts'
import { hostMemory } from './host-memory.ts'
import { identities } from './identities.ts'
import { memoryHolders } from './memory-holders.ts'
import { missingIdentity } from './missing-identity.ts'
import { nameLengths } from './name-lengths.ts'
import { namedHolders } from './named-holders.ts'
import { pinnedOverlaps } from './pinned-overlaps.ts'
import { redundantAssertions } from './redundant-assertions.ts'
import { sharingStrangers } from './sharing-strangers.ts'
import { unansweredRights } from './unanswered-rights.ts'
import { uniqueNames } from './unique-names.ts'
import { unusedPeers } from './unused-peers.ts'
import { wideTransitions } from './wide-transitions.ts'

/** Checks of what was written: they hold for a file with mistakes too, and add what elaboration does not see. */
export const structureChecks: readonly Check[] = [
  uniqueNames,
  nameLengths,
  channelEnds,
  memoryHolders,
  hostMemory,
  identities,
  assertionNames,
  pinnedOverlaps,
]

/** Checks of what it means: they ask about the whole workflow, so they run only if every item was understood. */
export const meaningChecks: readonly Check[] = [
  namedHolders,
  closureLimits,
  assertionsHold,
  redundantAssertions,
  unusedPeers,
  missingIdentity,
  gatewayWithoutHostMemory,
  unansweredRights,
  sharingStrangers,
  ambiguousStrangers,
  wideTransitions,
]
