import { physicalAddressOf } from '@mica/hw-sim'
import { expect, test } from 'vitest'
import { explore } from '../../explorer/explore.ts'
import type { Scenario } from '../../explorer/scenario.ts'
import { DECLARED } from '../../explorer/scenarios/pair.ts'
import type { Plant } from '../../explorer/stage.ts'
import { Trial } from '../../explorer/trial.ts'
import * as abi from '../../src/abi/index.ts'
import { GRANULE_STATE } from '../../src/granule/state.ts'
import type { MicaState } from '../../src/mica/state.ts'
import type { RealmPolicy } from '../../src/realm/policy.ts'
import { inputError, type RmiCommand } from '../../src/rmi/result.ts'
import { type RsiCommand, rsiSuccess } from '../../src/rsi/result.ts'
import { walkTables, writeEntry } from '../../src/rtt/walk.ts'
import { A_STRANGER, ENDS_OF_A_CHANNEL, NOTHING_YET, ONE_PLACE, ONE_WINDOW, small } from './small-worlds.ts'

/** Puts another command in the place of one of the extension's, made from it. */
function rmi(fid: bigint, change: (whole: RmiCommand, state: MicaState) => RmiCommand): Plant {
  return ({ monitor: { extension } }) => {
    const commands = extension!.rmi as Map<number, RmiCommand>
    commands.set(Number(fid), change(commands.get(Number(fid))!, extension!.state as MicaState))
  }
}

function rsi(fid: bigint, change: (whole: RsiCommand, state: MicaState) => RsiCommand): Plant {
  return ({ monitor: { extension } }) => {
    const commands = extension!.rsi as Map<number, RsiCommand>
    commands.set(Number(fid), change(commands.get(Number(fid))!, extension!.state as MicaState))
  }
}

/** Every policy answers as it should not, once anybody looks for its Realm. */
function policiesThat(answers: Partial<RealmPolicy>): Plant {
  return ({ monitor: { realms } }) => {
    const get = realms.get.bind(realms)
    const getChanged: typeof get = (granule) => {
      const realm = get(granule)
      if (realm?.policy !== undefined) Object.assign(realm.policy, answers)
      return realm
    }
    Object.assign(realms, { get: getChanged })
  }
}

/** Nothing is zeroed that changes hands among Realms. */
const keepsSharedMemory: Plant = ({ monitor: { granules } }) => {
  const { zero } = granules
  Object.assign(granules, {
    zero: (granule: number) => {
      if (granules.state(granule) !== GRANULE_STATE.dataShared) zero.call(granules, granule)
    },
  })
}

/** Whoever uploads finds nobody at its memories. */
const looksAtNobody = rsi(abi.RSI_UPLOAD_POLICY, (whole, { shared }) => (monitor, rec, x) => {
  const memories = new Map(Array.from(shared.values(), (one) => [one, one.memory]))
  for (const one of memories.keys()) one.memory = undefined
  const answer = whole(monitor, rec, x)
  for (const [one, memory] of memories) one.memory ??= memory
  return answer
})

/** Each a monitor with one fault, the world in which it shows, in how many actions, and what is said of the last. */
const PLANTED: [string, Scenario, Plant, actions: number, said: RegExp][] = [
  [
    'delegated granules are not zeroed',
    NOTHING_YET,
    ({ monitor: { granules } }) => Object.assign(granules, { zero: () => {} }),
    0,
    /^law 8: teardown gives 0x[0-9a-f]+ back with content/,
  ],
  [
    'memory is not zeroed between holders',
    ENDS_OF_A_CHANNEL,
    keepsSharedMemory,
    6,
    /^law 8: a Realm gets to 0x80004000, which still holds what left wrote and left/,
  ],
  [
    'a mapping can be read before there is a policy',
    ENDS_OF_A_CHANNEL,
    rmi(abi.RMI_DATA_CREATE_UNKNOWN_SHARED, (whole) => (monitor, args, x) => {
      const answer = whole(monitor, args, x)
      const [rd, address, ipa] = args
      const realm = monitor.realmAt(rd)
      if (answer.status !== 0 || realm === undefined) return answer
      const rights = { read: true, write: false, execute: false }
      const position = walkTables(monitor.memory, realm, ipa, 3)
      writeEntry(monitor.memory, position, position.index, { state: 'shared', address, rights })
      return answer
    }),
    1,
    /^law 4: left has r at 0x200000, and its policy gives it nothing there/,
  ],
  [
    'uploads do not look at who is there',
    A_STRANGER,
    looksAtNobody,
    4,
    /^law 3: .* holds \w+\.line and .* holds \w+\.line at the same time/,
  ],
  [
    'two may hold one place',
    ONE_PLACE,
    looksAtNobody,
    4,
    /^law 3: first holds leaf\.board and second holds leaf\.board at the same time/,
  ],
  [
    'whoever leaves keeps its access',
    ENDS_OF_A_CHANNEL,
    rsi(abi.RSI_MICA_LEAVE, (_, state) => (_monitor, rec, x) => {
      return state.find(rec.realm)?.frozen === undefined ? rsiSuccess(x[1]!) : rsiSuccess()
    }),
    3,
    /^law 4: left has w at 0x200000, and its policy gives it nothing there/,
  ],
  [
    'calls of a Realm with a policy reach the host',
    small(DECLARED, {
      pool: 1,
      before: ENDS_OF_A_CHANNEL.before!,
      host: ENDS_OF_A_CHANNEL.host,
      guests: ['UPLOAD', 'DECLARE'],
    }),
    policiesThat({ transition: (kind) => ({ action: kind === 'call' ? 'allow' : 'scrub', rule: 'planted' }) }),
    4,
    /^law 6: the host sees more of an exit of left than that it was one/,
  ],
  [
    'the host may map its memory anywhere',
    ONE_WINDOW,
    policiesThat({ permitsUnprotected: () => true }),
    3,
    /^law 6: gate has rw at 0x80010000, memory of the host's, which its policy does not list/,
  ],
  [
    'a call that fails leaves something behind',
    ENDS_OF_A_CHANNEL,
    rmi(abi.RMI_DATA_DESTROY_SHARED, (whole, state) => (monitor, args, x) => {
      const realm = monitor.realmAt(args[0])
      if (realm !== undefined) state.of(realm).notified.add(0)
      return whole(monitor, args, x)
    }),
    1,
    /^law 2: a call that failed changed /,
  ],
  [
    'a shared granule of a Realm with a policy cannot be taken out',
    ENDS_OF_A_CHANNEL,
    rmi(abi.RMI_DATA_DESTROY_SHARED, (whole) => (monitor, args, x) => {
      return monitor.realmAt(args[0])?.policy === undefined ? whole(monitor, args, x) : inputError()
    }),
    2,
    /^teardown ends with 0x[0-9a-f]+ as /,
  ],
  [
    'a shared granule goes back to the host while it is mapped',
    NOTHING_YET,
    rmi(abi.RMI_SGT_DESTROY, (whole) => (monitor, args, x) => {
      const granule = monitor.memory.granuleIndex(physicalAddressOf(args[0]))
      if (granule === undefined || monitor.granules.state(granule) !== GRANULE_STATE.dataShared) {
        return whole(monitor, args, x)
      }
      monitor.machine.firmware.undelegate(physicalAddressOf(args[0]))
      return inputError()
    }),
    5,
    /^law 2: a call that failed changed the address space/,
  ],
  [
    'the monitor falls',
    ENDS_OF_A_CHANNEL,
    rsi(abi.RSI_MICA_REJOIN, () => () => {
      throw new Error('the monitor fell')
    }),
    1,
    /^law 10: threw .*the monitor fell/,
  ],
]

test.each(PLANTED)('a fault of the monitor is found, in few actions: %s', (_, scenario, plant, actions, said) => {
  const { violation } = explore(scenario, { plant })
  expect(violation?.problem).toMatch(said)
  expect(violation!.actions.length).toBeLessThanOrEqual(actions)
  // What was found can be done again, and does nothing to a monitor that is whole.
  expect(new Trial(scenario, plant).run(violation!.actions)?.problem).toMatch(said)
  expect(new Trial(scenario).run(violation!.actions)).toBeUndefined()
})
