import { RIGHT } from '@mica/policy'
import type { AttackResult, BootOptions, GroupToLaunch } from '../../../backend.ts'
import { resultOf, stoppedUpload } from './attack.ts'
import { ATTACKS } from './attacks.ts'
import { AttackStage } from './stage.ts'

/**
 * Attacks a group with everything that makes sense for any, each attack on a machine of its own. The first result is the
 * control: what the attacks go against works where the policies let it, so that none of them fails for another reason.
 */
export async function* attackOnSimulator(group: GroupToLaunch, options: BootOptions): AsyncGenerator<AttackResult> {
  yield await onStage(group, options, control)
  for (const attack of ATTACKS) {
    yield await onStage(group, options, (stage) => {
      if (attack.afterUploads) uploadAll(stage)
      return resultOf(attack, attack.run(stage))
    })
  }
}

async function onStage<T>(group: GroupToLaunch, options: BootOptions, act: (stage: AttackStage) => T): Promise<T> {
  const stage = await AttackStage.open(group, options)
  try {
    return act(stage)
  } finally {
    await stage.close()
  }
}

/** The first policy that is refused, and why. */
function uploadAll(stage: AttackStage): string | undefined {
  for (const actor of stage.actors) {
    const refusal = stoppedUpload(actor.upload())
    if (refusal !== undefined) return `${actor.peer}: ${refusal}`
  }
  return undefined
}

/** Whether the policies are accepted, and what one member writes into a channel others read. */
function control(stage: AttackStage): AttackResult {
  const common = { name: 'control', adversary: 'nobody', tried: 'all policies are uploaded, and every channel is used' }
  const refusal = uploadAll(stage)
  if (refusal !== undefined) return { ...common, tries: 1, outcome: 'broken', by: [refusal] }
  const failures: string[] = []
  let passed = 0
  for (const writer of stage.actors) {
    for (const { memory, ipa, rights } of writer.places) {
      if (memory.kind !== 'protected' || (rights & RIGHT.write) === 0) continue
      const value = BigInt(++passed)
      if (writer.store(ipa, value).exception !== undefined) failures.push(`${writer.peer} cannot write ${memory.name}`)
      for (const reader of stage.actors) {
        const place = reader.places.find((own) => own.memory.name === memory.name)
        if (place === undefined || (place.rights & RIGHT.read) === 0) continue
        if (reader.load(place.ipa).value !== value) failures.push(`${reader.peer} does not read ${memory.name}`)
      }
    }
  }
  if (failures.length > 0) return { ...common, tries: passed, outcome: 'broken', by: failures }
  return { ...common, tries: passed, outcome: 'works', by: ['all are accepted, and what is written is read'] }
}
