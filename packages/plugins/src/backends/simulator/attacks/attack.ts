import { describeRefusal, type NormalWorld } from '@mica/host'
import type { MachineEvent } from '@mica/hw-sim'
import type { AttackResult } from '../../../backend.ts'
import type { Actor, AttackStage, Upload } from './stage.ts'

/** What a try came to: `undefined` if it got through, else what stopped it. */
export type Stopped = string | undefined

/** One named attack on any group. */
export interface Attack {
  readonly name: string
  readonly adversary: 'the host' | 'a member' | 'the host and a stranger'
  /** In one line: what is tried. */
  readonly tries: string
  /** Whether policies are in force when it begins. */
  readonly afterUploads: boolean
  /**
   * Tries it in every place that the group offers.
   *
   * @returns What stopped each try; empty if there is no place for it.
   */
  run(stage: AttackStage): readonly Stopped[]
}

/** What the tries of an attack come to. */
export function resultOf({ name, adversary, tries }: Attack, stops: readonly Stopped[]): AttackResult {
  const common = { name, adversary, tried: tries, tries: stops.length }
  if (stops.length === 0) return { ...common, outcome: 'not-applicable', by: ['nothing in this workflow to try it on'] }
  const through = stops.filter((stop) => stop === undefined).length
  if (through > 0)
    return { ...common, outcome: 'succeeded', by: [`nothing: ${through} of ${stops.length} got through`] }
  return { ...common, outcome: 'stopped', by: [...new Set(stops as readonly string[])] }
}

/** What stopped an upload. */
export function stoppedUpload(upload: Upload): Stopped {
  switch (upload.kind) {
    case 'accepted':
      return undefined
    case 'refused':
      return `rule ${upload.rule} at step ${upload.step} of the upload`
    case 'ignored':
      return 'RSI_ERROR_STATE: no further policy is looked at'
  }
}

/** What stopped a command of the host's. */
export function stoppedCommand(world: NormalWorld, fid: bigint, ...args: readonly (bigint | number)[]): Stopped {
  const result = world.rmi(fid, ...args)
  return result.status === 0 ? undefined : describeRefusal(result)
}

/** What stopped an access of a guest's: the fault, as the trace has it. */
export function stoppedAccess(
  stage: AttackStage,
  actor: Actor,
  access: () => { exception: string | undefined },
): Stopped {
  const from = stage.events.length
  const { exception } = access()
  if (exception === undefined) return undefined
  const fault = actor.eventsSince(from).find(({ event }) => event === 'fault')
  return fault === undefined ? exception : describeFault(fault)
}

function describeFault(fault: MachineEvent): string {
  return `stage 2: ${fault['fault']} fault on ${fault['access'] === 'execute' ? 'a fetch' : `a ${fault['access']}`}`
}
