import { describe, expect, test } from 'vitest'
import {
  RSI_ATTESTATION_TOKEN_CONTINUE,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_INCOMPLETE,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { testGuestCall } from '../conditions.ts'
import { RAM } from '../scripted-host.ts'
import { contentOf } from '../small-world.ts'
import { guestWorld } from './guest-world.ts'
import { wordsOf } from './words.ts'

const [FIRST, SECOND] = [new Uint8Array(64).fill(0x11), new Uint8Array(64).fill(0x22)]

describe('RSI_ATTESTATION_TOKEN_INIT', () => {
  testGuestCall(
    RSI_ATTESTATION_TOKEN_INIT,
    () => guestWorld(wordsOf(FIRST)),
    [],
    () => [RSI_SUCCESS, 4096],
  )

  test('a second one drops the first, and its challenge is the one that counts', () => {
    const { host, realm } = guestWorld([])
    realm.call(RSI_ATTESTATION_TOKEN_INIT, ...wordsOf(FIRST))
    expect(realm.call(RSI_ATTESTATION_TOKEN_CONTINUE, RAM, 0, 16)[0]).toBe(RSI_INCOMPLETE)
    realm.call(RSI_ATTESTATION_TOKEN_INIT, ...wordsOf(SECOND))
    expect(realm.call(RSI_ATTESTATION_TOKEN_CONTINUE, RAM, 0, 4096)[0]).toBe(RSI_SUCCESS)
    const token = Buffer.from(contentOf(host, realm.ram[0]!))
    expect([FIRST, SECOND].map((challenge) => token.includes(Buffer.from(challenge)))).toEqual([false, true])
  })
})
