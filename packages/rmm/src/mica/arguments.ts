import type { GeneralRegisters } from '@mica/hw-sim'
import { MICA_ALL_MEMORIES } from '../abi/index.ts'
import type { Rec } from '../rec/rec.ts'
import type { FrozenPolicy, ListedRange } from './frozen-policy.ts'
import type { MicaRealm, MicaState } from './state.ts'

/** A Realm with a policy. */
export type Member = MicaRealm & { readonly frozen: FrozenPolicy }

/** The Realm that calls, if it has a policy. */
export function callingMember(state: MicaState, { realm }: Rec): Member | undefined {
  const known = state.find(realm)
  return known !== undefined && hasPolicy(known) ? known : undefined
}

function hasPolicy(realm: MicaRealm): realm is Member {
  return realm.frozen !== undefined
}

/** The protected memory of the caller that x1 is the index of. */
export function memoryArgument({ frozen }: Member, x: GeneralRegisters): ListedRange | undefined {
  return frozen.memory(Number(x[1]))
}

/** As {@link memoryArgument}, or every memory that the caller's policy gives it; `undefined` if there is no such memory. */
export function memoriesArgument(member: Member, x: GeneralRegisters): readonly ListedRange[] | undefined {
  if (x[1] === MICA_ALL_MEMORIES) return member.frozen.memories
  const one = memoryArgument(member, x)
  return one === undefined ? undefined : [one]
}
