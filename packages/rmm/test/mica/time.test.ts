import { MICA_RSI, type TransitionAction } from '@mica/policy'
import { expect, test } from 'vitest'
import { RSI_MICA_TIME, RSI_VERSION } from '../../src/abi/index.ts'
import { ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'
import { uploadAlone } from './pipeline.ts'

/** A Realm that is alone with its policy, which lists `call time` with an action, or not at all. */
function timed(host: ScriptedHost, image: number, action?: TransitionAction): ScriptedRealm {
  return uploadAlone(host.createRealm({ image, policyGranules: 1 }), (parts) => {
    const ids = [[MICA_RSI.TIME, MICA_RSI.TIME]] as const
    if (action !== undefined) parts.transitions.push({ peer: 0, class: 'call', action, ranges: ids })
  })
}

/** Lets a Realm work, without asking for the time. */
const work = (realm: ScriptedRealm): void => void realm.call(RSI_VERSION, 0x1_0000)

function timeOf(realm: ScriptedRealm): bigint {
  const [status, time] = realm.call(RSI_MICA_TIME)
  expect(status).toBe(0n)
  return time!
}

test('no Realm has the time whose policy does not say so, nor one without a policy', () => {
  const host = new ScriptedHost()
  const without = host.createRealm({ image: 9 })
  const realms = [without, timed(host, 1), timed(host, 2, 'block'), timed(host, 3, 'scrub')]
  for (const realm of realms) expect(realm.call(RSI_MICA_TIME).slice(0, 4)).toEqual([2n, 0n, 0n, 0n])
})

test('time never goes back, and goes on with the caller’s own work, 20 ns a tick', () => {
  const realm = timed(new ScriptedHost(), 1, 'allow')
  const times = realm.perform(function* (cpu) {
    const answers: [time: bigint, count: bigint][] = []
    for (let i = 0; i < 5; i++) {
      const x = yield* cpu.smc([RSI_MICA_TIME])
      answers.push([x[1]!, yield* cpu.mrs('CNTVCT_EL0')])
    }
    return answers
  }).value!
  for (const [i, [time, count]] of times.slice(1).entries()) {
    expect(time - times[i]![0]).toBe(20n * (count - times[i]![1]))
    expect(time).toBeGreaterThan(times[i]![0])
  }
})

test('time goes on while others run, which a Realm’s own counter does not', () => {
  const host = new ScriptedHost()
  const [realm, other] = [timed(host, 1, 'allow'), host.createRealm({ image: 2 })]
  const passed = (meanwhile: () => void): readonly [time: bigint, count: bigint] => {
    const count = (): bigint => realm.perform((cpu) => cpu.mrs('CNTVCT_EL0')).value!
    const [before, counted] = [timeOf(realm), count()]
    meanwhile()
    return [timeOf(realm) - before, count() - counted]
  }
  const idle = passed(() => {})
  const busy = passed(() => work(other))
  expect(busy[0]).toBeGreaterThan(idle[0])
  expect(busy[1]).toBe(idle[1])
})

test('all Realms that have the time have the same, whichever was there first', () => {
  const host = new ScriptedHost()
  const first = timed(host, 1, 'allow')
  work(first)
  const second = timed(host, 2, 'allow')
  const times = [first, second, first, second].map(timeOf)
  expect(times).toEqual([...times].sort((a, b) => (a < b ? -1 : 1)))
})
