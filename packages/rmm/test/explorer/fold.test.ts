import { expect, test } from 'vitest'
import { MEMBERS } from '../../explorer/fold.ts'
import { GROUP, GROUP_COURSE } from '../../explorer/scenarios/group.ts'
import { Trial } from '../../explorer/trial.ts'
import { Checkpoint } from '../../lab/checkpoint.ts'
import { machineState } from '../../lab/machine-state.ts'
import type { MicaState } from '../../src/mica/state.ts'

/** A group in which everything has happened that goes well. */
function atTheEnd(): { trial: Trial; state: MicaState } {
  const trial = new Trial(GROUP)
  for (const text of GROUP_COURSE.slice(0, -1)) expect(trial.perform(text)).toBe(true)
  return { trial, state: trial.stage.host.rmm.monitor.extension!.state as MicaState }
}

test('whatever the monitor keeps, states are told apart by it, or there is a reason why not', () => {
  const { trial, state } = atTheEnd()
  const { monitor } = trial.stage.host.rmm
  const [realm] = monitor.realms.values()
  const [rec] = monitor.recs.values()
  const member = state.realms.get(realm!)!
  const [memory] = member.held.values()
  const [shared] = state.shared.values()
  const kept = {
    Realm: realm!,
    Rec: rec!,
    MicaRealm: member,
    SharedGranule: shared!,
    SharedMemory: memory!,
    Holder: memory!.holders[0]!,
    MicaState: state,
  }
  for (const [name, { told, left }] of Object.entries(MEMBERS)) {
    const members = Object.keys(kept[name as keyof typeof MEMBERS])
    expect({ [name]: members.sort() }).toEqual({ [name]: [...told, ...Object.keys(left)].sort() })
  }
})

/** Private, so that no checkpoint has it; nothing is decided by it. */
const HISTORY = /\.history\./

test('a machine that is put back is as it was, whatever has happened meanwhile', () => {
  const trial = new Trial(GROUP)
  const before = machineState(trial.stage.scope, HISTORY)
  const beginning = new Checkpoint(trial.stage.scope)
  for (let end = 4; end <= GROUP_COURSE.length; end += 5) {
    expect(trial.run(GROUP_COURSE.slice(0, end))).toBeUndefined()
    expect(machineState(trial.stage.scope, HISTORY)).not.toBe(before)
    beginning.restore()
    expect(machineState(trial.stage.scope, HISTORY)).toBe(before)
    expect(beginning.difference(new Set())).toBeUndefined()
  }
})
