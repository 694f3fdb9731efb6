import { expect, test } from 'vitest'
import { RMI_MICA_VERSION, RSI_ERROR_INPUT, RSI_MICA_VERSION, RSI_SUCCESS } from '../../src/abi/index.ts'
import { ScriptedHost } from '../scripted-host.ts'

const VERSION = 0x1_0000n

test('host and Realm are told that the extension is there, and its version, also when they ask for another', () => {
  const host = new ScriptedHost()
  const realm = host.createRealm()
  expect(host.smc(RMI_MICA_VERSION, VERSION).slice(0, 3)).toEqual([0n, VERSION, VERSION])
  expect(realm.call(RSI_MICA_VERSION, VERSION).slice(0, 3)).toEqual([RSI_SUCCESS, VERSION, VERSION])
  for (const other of [0n, VERSION + 1n, 2n ** 64n - 1n]) {
    expect(host.smc(RMI_MICA_VERSION, other).slice(0, 3)).toEqual([1n, VERSION, VERSION])
    expect(realm.call(RSI_MICA_VERSION, other).slice(0, 3)).toEqual([RSI_ERROR_INPUT, VERSION, VERSION])
  }
})
