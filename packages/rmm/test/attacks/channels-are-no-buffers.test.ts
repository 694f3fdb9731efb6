import { encodeBlob } from '@mica/policy'
import { describe, expect, test } from 'vitest'
import {
  RSI_ATTEST_TOKEN_CONTINUE_GROUP,
  RSI_ATTEST_TOKEN_INIT_GROUP,
  RSI_ATTESTATION_TOKEN_CONTINUE,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_HOST_CALL,
  RSI_IPA_STATE_SET,
  RSI_REALM_CONFIG,
  RSI_UPLOAD_POLICY,
} from '../../src/abi/index.ts'
import { PAGE, RAM, type ScriptedRealm } from '../scripted-host.ts'
import { joined, LINK, linked, look, policyOf, put, SECRET, upload } from './arena.ts'

// The monitor is asked to write or read, on a Realm's behalf, where the Realm itself may not.

type Buffered = readonly [name: string, call: (realm: ScriptedRealm, ipa: number) => bigint | undefined]

const CALLS: readonly Buffered[] = [
  ['the configuration', (realm, ipa) => realm.call(RSI_REALM_CONFIG, ipa)[0]],
  ['a host call', (realm, ipa) => realm.call(RSI_HOST_CALL, ipa)[0]],
  [
    'a token',
    (realm, ipa) => {
      expect(realm.call(RSI_ATTESTATION_TOKEN_INIT)[0]).toBe(0n)
      return realm.call(RSI_ATTESTATION_TOKEN_CONTINUE, ipa, 0, PAGE)[0]
    },
  ],
  ['a change of its state', (realm, ipa) => realm.call(RSI_IPA_STATE_SET, ipa, ipa + PAGE, 1)[0]],
]

describe.each(CALLS)('%s', (_, call) => {
  test('goes into no channel, before the policy', () => {
    expect(call(linked().right, LINK)).toBe(1n)
  })

  test('goes into no channel of a member, reader or writer, and the channel keeps what it held', () => {
    for (const role of ['left', 'right'] as const) {
      const pair = joined()
      put(pair.left, LINK, SECRET)
      expect(call(pair[role], LINK)).not.toBe(0n)
      expect(look(pair.right, LINK)).toBe(SECRET)
    }
  })

  test('control: goes into memory of its own', () => {
    expect([0n, 3n]).toContain(call(linked().right, RAM))
  })
})

test('a group token goes into no channel', () => {
  const { left, right } = joined()
  put(left, LINK, SECRET)
  expect(right.call(RSI_ATTEST_TOKEN_INIT_GROUP)[0]).toBe(0n)
  expect(right.call(RSI_ATTEST_TOKEN_CONTINUE_GROUP, LINK, 0, PAGE)[0]).toBe(1n)
  expect(look(right, LINK)).toBe(SECRET)
})

test('a policy is not taken from a channel, where a peer could change it under the check', () => {
  const { host, left, granule } = joined()
  const late = host.createRealm({ image: 8, policyGranules: 1 })
  late.mapShared([granule], LINK)
  put(left, LINK, SECRET)
  expect(late.call(RSI_UPLOAD_POLICY, LINK, 64).slice(0, 2)).toEqual([1n, 0n])
})

test('control: the same policy is taken from own memory', () => {
  const { left, policy } = linked()
  expect(upload(left, encodeBlob(policyOf(policy('left'))))).toBe('accepted')
})
