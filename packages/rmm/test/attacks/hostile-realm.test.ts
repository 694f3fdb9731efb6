import { expect, test } from 'vitest'
import { RSI_HOST_CALL, RSI_REALM_CONFIG, RSI_UPLOAD_POLICY } from '../../src/abi/index.ts'
import { at, CODED, Pipeline, RAW } from '../mica/pipeline.ts'
import { PAGE, RAM, ScriptedHost } from '../scripted-host.ts'

test('a reader cannot write back, and a writer cannot read: the access ends in the Realm, the host sees nothing', () => {
  const { realms } = new Pipeline().uploadAll()
  const back = realms.encoder.perform((cpu) => cpu.store(at(RAW), new Uint8Array(8)))
  expect(back.exception).toBe('SynchronousExternalAbort')
  expect(back.exits.every(({ exit_reason, esr, hpfar }) => exit_reason === 1 && esr === 0n && hpfar === 0n)).toBe(true)
  expect(realms.gate.perform((cpu) => cpu.load(at(RAW), 8)).exception).toBe('SynchronousExternalAbort')
})

test('an access to a channel before the policy does not reach the host either', () => {
  const { realms } = new Pipeline()
  const early = realms.encoder.perform((cpu) => cpu.load(at(RAW), 8))
  expect(early.exception).toBe('SynchronousExternalAbort')
  expect(early.exits.every(({ esr }) => esr === 0n)).toBe(true)
})

test('a channel is no buffer for calls: the monitor writes nothing there on behalf of a reader', () => {
  const { realms } = new Pipeline().uploadAll()
  for (const ipa of [at(RAW), at(CODED)]) {
    expect(realms.encoder.call(RSI_REALM_CONFIG, ipa)[0]).toBe(1n)
  }
  expect(new Pipeline().realms.encoder.call(RSI_HOST_CALL, at(RAW))[0]).toBe(1n)
})

test('a Realm with another measurement cannot take a member’s place before the member comes', () => {
  const pipeline = new Pipeline(new ScriptedHost())
  const impostor = pipeline.host.createRealm({ image: 9, policyGranules: 1 })
  impostor.mapShared(pipeline.raw, at(RAW))
  impostor.mapShared(pipeline.coded, at(CODED))
  expect(impostor.upload(pipeline.blob('encoder'))).toEqual([1, 30])
  expect(pipeline.uploadAll().access()).toMatchObject({ 'encoder raw': 'read' })
})

test('no arguments make an upload throw', () => {
  const { realms } = new Pipeline()
  const edges = [0n, 1n, BigInt(RAM), 2n ** 31n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n, BigInt(RAM + 24 * PAGE - 1)]
  for (const ipa of edges) {
    for (const length of [0n, 1n, 4096n, 65_536n, 65_537n, 2n ** 64n - 1n]) {
      const [status] = realms.encoder.call(RSI_UPLOAD_POLICY, ipa, length)
      expect([1n, 2n]).toContain(status)
    }
  }
})
