import { RIGHT } from '@mica/policy'
import {
  RSI_MICA_CREDIT,
  RSI_MICA_NOTIFY,
  RSI_MICA_REVOKE,
  RSI_SUCCESS,
  rsiCommandName,
  rsiStatusName,
} from '@mica/rmm/abi'
import type { Attack, Stopped } from './attack.ts'
import type { Actor, AttackStage } from './stage.ts'

const againstTheArrow: Attack = {
  name: 'against-the-arrow',
  adversary: 'a member',
  tries:
    'notifies of channels that it may not write, and gives credit for channels that are not paced, or that it may not read',
  afterUploads: true,
  run: (stage) => [
    ...tryEach(stage, RSI_MICA_NOTIFY, ({ rights }) => (rights & RIGHT.write) === 0),
    ...tryEach(stage, RSI_MICA_CREDIT, ({ rights, paced }) => !paced || (rights & RIGHT.read) === 0),
  ],
}

const revocation: Attack = {
  name: 'foreign-revocation',
  adversary: 'a member',
  tries: 'revokes memories that it does not own',
  afterUploads: true,
  run: (stage) => tryEach(stage, RSI_MICA_REVOKE, ({ rights }) => (rights & RIGHT.owner) === 0),
}

/** A protected memory of a policy, as the policy's Realm has it. */
interface Held {
  readonly index: number
  readonly rights: number
  readonly paced: boolean
}

/** Makes a call about every memory for which the caller's policy does not give it. */
function tryEach({ actors }: AttackStage, fid: bigint, isForbidden: (held: Held) => boolean): readonly Stopped[] {
  return actors.flatMap((actor) =>
    heldBy(actor)
      .filter(isForbidden)
      .map(({ index }) => {
        const { value } = actor.perform((cpu) => cpu.smc([fid, BigInt(index)]))
        const [status = RSI_SUCCESS] = value ?? []
        return status === RSI_SUCCESS ? undefined : `${rsiCommandName(fid)} answered ${rsiStatusName(status)}`
      }),
  )
}

function heldBy({ policy }: Actor): readonly Held[] {
  return policy.memories.flatMap(({ kind, mappings, paced }, index) => {
    const own = mappings.find(({ peer }) => peer === policy.self)
    return kind === 'protected' && own !== undefined ? [{ index, rights: own.rights, paced }] : []
  })
}

/** Attacks that a member can make with the calls by which members tell each other something. */
export const CALL_ATTACKS: readonly Attack[] = [againstTheArrow, revocation]
