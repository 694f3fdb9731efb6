import { type Policy, RIGHT } from '@mica/policy'
import { SCRATCH_BASE } from '@mica/realm-sdk/build'
import { encodeRsiHostCall, RSI_HOST_CALL, RSI_MEASUREMENT_EXTEND } from '@mica/rmm/abi'
import { type Attack, type Stopped, stoppedAccess, stoppedUpload } from './attack.ts'
import type { Actor, AttackStage } from './stage.ts'
import { SECRET } from './targets.ts'

const SECRET_BYTES: Buffer = Buffer.from(BigUint64Array.of(SECRET).buffer)

const early: Attack = {
  name: 'early-access',
  adversary: 'a member',
  tries: 'uses its channels before it has a policy',
  afterUploads: false,
  run: (stage) =>
    stage.actors.flatMap((actor) =>
      actor.places
        .filter(({ memory }) => memory.kind === 'protected')
        .flatMap(({ ipa }) => [
          stoppedAccess(stage, actor, () => actor.load(ipa)),
          stoppedAccess(stage, actor, () => actor.store(ipa, SECRET)),
        ]),
    ),
}

const beyondRights: Attack = {
  name: 'beyond-rights',
  adversary: 'a member',
  tries: 'reads, writes and runs channels where its policy does not say so',
  afterUploads: true,
  run: (stage) =>
    stage.actors.flatMap((actor) =>
      actor.places.flatMap(({ ipa, rights }) => [
        ...((rights & RIGHT.read) === 0 ? [stoppedAccess(stage, actor, () => actor.load(ipa))] : []),
        ...((rights & RIGHT.write) === 0 ? [stoppedAccess(stage, actor, () => actor.store(ipa, SECRET))] : []),
        ...((rights & RIGHT.execute) === 0
          ? [stoppedAccess(stage, actor, () => actor.perform((cpu) => cpu.fetch(ipa, 4)))]
          : []),
      ]),
    ),
}

const hostCalls: Attack = {
  name: 'host-call',
  adversary: 'a member',
  tries: 'hands the host 248 bytes in a host call that its policy does not list',
  afterUploads: true,
  run: (stage) =>
    stage.actors
      .filter((actor) => !lists(actor.policy, Number(RSI_HOST_CALL)))
      .map((actor) => stoppedCall(stage, actor)),
}

/** What stops a host call that is full of secrets: the transition, as the trace has it. */
function stoppedCall(stage: AttackStage, actor: Actor): Stopped {
  const from = stage.events.length
  const gprs = Array.from({ length: 31 }, () => SECRET)
  const { exits } = actor.perform(function* (cpu) {
    yield* cpu.store(SCRATCH_BASE, encodeRsiHostCall({ imm: 0, gprs }))
    yield* cpu.smc([RSI_HOST_CALL, BigInt(SCRATCH_BASE), ...gprs.slice(2)])
  })
  if (exits.some((exit) => Buffer.from(exit).includes(SECRET_BYTES))) return undefined
  const exit = actor.eventsSince(from).find(({ event, class: kind }) => event === 'exit' && kind === 'call')
  return exit === undefined ? undefined : `transition: call ${exit['id']} is ${exit['action']}, by rule ${exit['rule']}`
}

const measuring: Attack = {
  name: 'measured-secret',
  adversary: 'a member',
  tries: 'writes a secret into a measurement, which reports show to everybody',
  afterUploads: true,
  run: (stage) =>
    stage.actors
      .filter((actor) => !lists(actor.policy, Number(RSI_MEASUREMENT_EXTEND)))
      .map((actor) => {
        const { value } = actor.perform((cpu) => cpu.smc([RSI_MEASUREMENT_EXTEND, 2n, 8n, SECRET]))
        return value?.[0] === 0n ? undefined : 'RSI_ERROR_STATE: measurements are closed by the policy'
      }),
}

const secondPolicy: Attack = {
  name: 'second-policy',
  adversary: 'a member',
  tries: 'uploads another policy when it has one',
  afterUploads: true,
  run: (stage) => stage.actors.map((actor) => stoppedUpload(actor.upload())),
}

/** Whether a policy lists a call of its own Realm, with whatever action. */
function lists({ transitions, self }: Policy, call: number): boolean {
  return transitions.some(
    ({ peer, class: kind, action, ranges }) =>
      peer === self &&
      kind === 'call' &&
      action === 'allow' &&
      ranges.some(([first, last]) => first <= call && call <= last),
  )
}

/** Attacks that a member can make on its own. */
export const MEMBER_ATTACKS: readonly Attack[] = [early, beyondRights, hostCalls, measuring, secondPolicy]
