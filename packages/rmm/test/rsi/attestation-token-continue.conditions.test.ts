import { describe, expect, test } from 'vitest'
import {
  RMI_EXIT_IRQ,
  RSI_ATTESTATION_TOKEN_CONTINUE,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_ERROR_INPUT,
  RSI_ERROR_STATE,
  RSI_INCOMPLETE,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { testGuestCall } from '../conditions.ts'
import { PAGE, RAM, UNPROTECTED } from '../scripted-host.ts'
import { contentOf } from '../small-world.ts'
import { testUnpopulated } from './buffer.ts'
import { EMPTY, guestWorld, UNPOPULATED } from './guest-world.ts'
import { wordsOf } from './words.ts'

const CHALLENGE = new Uint8Array(64).fill(0x11)
/** A part in the middle of a page: where, and how much. */
const [OFFSET, SIZE] = [0x10, 0x20]

interface TokenWorld extends ReturnType<typeof guestWorld> {
  readonly finish: () => void
  readonly wants: { none?: boolean }
}

function world(): TokenWorld {
  const made = guestWorld([RAM, OFFSET, SIZE])
  const wants: TokenWorld['wants'] = {}
  const finish = () => {
    if (wants.none !== true) made.realm.call(RSI_ATTESTATION_TOKEN_INIT, ...wordsOf(CHALLENGE))
  }
  return { ...made, finish, wants }
}

function begun(): TokenWorld {
  const made = world()
  made.finish()
  return made
}

describe('RSI_ATTESTATION_TOKEN_CONTINUE', () => {
  testGuestCall(
    RSI_ATTESTATION_TOKEN_CONTINUE,
    world,
    [
      { name: 'addr_align', x: { 1: RAM + 0x800 }, expect: [RSI_ERROR_INPUT] },
      { name: 'addr_bound: unprotected', x: { 1: UNPROTECTED }, expect: [RSI_ERROR_INPUT] },
      { name: 'addr_bound: beyond the address space', x: { 1: 2n ** 32n }, expect: [RSI_ERROR_INPUT] },
      { name: 'offset_bound', x: { 2: PAGE, 3: 0 }, expect: [RSI_ERROR_INPUT] },
      { name: 'offset_bound: the upper half counts', x: { 2: 2n ** 32n }, expect: [RSI_ERROR_INPUT] },
      { name: 'size_overflow', x: { 3: 2n ** 64n - 1n }, expect: [RSI_ERROR_INPUT] },
      { name: 'size_bound', x: { 3: PAGE - OFFSET + 1 }, expect: [RSI_ERROR_INPUT] },
      {
        name: 'state: no token begun',
        arrange: ({ wants }) => Object.assign(wants, { none: true }),
        expect: [RSI_ERROR_STATE],
      },
      // Of equal right in the text, whether there is RAM comes last in the recorded firmware: it finds out by writing.
      { name: 'addr_ripas: empty', x: { 1: EMPTY }, expect: [RSI_ERROR_INPUT] },
    ],
    () => [RSI_INCOMPLETE, SIZE],
  )

  test('incomplete: the part is where it was wanted, and nothing else is written', () => {
    const { host, realm } = begun()
    realm.perform((cpu) => cpu.store(RAM, new Uint8Array(PAGE).fill(0xee)))
    realm.call(RSI_ATTESTATION_TOKEN_CONTINUE, RAM, OFFSET, SIZE)
    const page = contentOf(host, realm.ram[0]!)
    // Tag 399: what a CCA token begins with.
    expect([...page.subarray(OFFSET, OFFSET + 3)]).toEqual([0xd9, 0x01, 0x8f])
    const around = [...page.subarray(0, OFFSET), ...page.subarray(OFFSET + SIZE)]
    expect(around.every((byte) => byte === 0xee)).toBe(true)
  })

  test('complete: parts make up the token, and then there is none', () => {
    const { host, realm } = begun()
    const parts: Uint8Array[] = []
    for (let status = RSI_INCOMPLETE; status === RSI_INCOMPLETE && parts.length < 8; ) {
      const [x0, written] = realm.call(RSI_ATTESTATION_TOKEN_CONTINUE, RAM, 0, 1000)
      status = x0!
      parts.push(contentOf(host, realm.ram[0]!).slice(0, Number(written)))
      expect([RSI_INCOMPLETE, RSI_SUCCESS]).toContain(status)
    }
    expect(realm.call(RSI_ATTESTATION_TOKEN_CONTINUE, RAM, 0, 1000)[0]).toBe(RSI_ERROR_STATE)
    const token = Buffer.concat(parts)
    expect(token.includes(Buffer.from(CHALLENGE))).toBe(true)
    expect(parts.slice(0, -1).every((part) => part.length === 1000)).toBe(true)
  })

  test('while it is signed an interrupt goes to the host, and the call returns without a part', () => {
    // On this machine the time of a guest is up after every call.
    const { realm } = guestWorld([], {}, { quantum: 1 })
    const answers: (readonly bigint[])[] = []
    const { exits } = realm.perform(function* (cpu) {
      yield* cpu.smc([RSI_ATTESTATION_TOKEN_INIT, ...wordsOf(CHALLENGE)])
      do {
        answers.push((yield* cpu.smc([RSI_ATTESTATION_TOKEN_CONTINUE, BigInt(RAM), 0n, BigInt(PAGE)])).slice(0, 4))
      } while (answers.at(-1)![0] === RSI_INCOMPLETE)
    })
    expect(answers.slice(0, -1)).toContainEqual([RSI_INCOMPLETE, 0n, 0n, 0n])
    expect(answers.at(-1)![0]).toBe(RSI_SUCCESS)
    expect(exits.every(({ exit_reason }) => exit_reason === RMI_EXIT_IRQ)).toBe(true)
  })

  test('a part of no bytes is incomplete', () => {
    const { realm } = begun()
    expect(realm.call(RSI_ATTESTATION_TOKEN_CONTINUE, RAM, 0, 0).slice(0, 2)).toEqual([RSI_INCOMPLETE, 0n])
  })

  test('parts may go to different pages', () => {
    const { realm } = begun()
    expect(realm.call(RSI_ATTESTATION_TOKEN_CONTINUE, RAM, 0, 64).slice(0, 2)).toEqual([RSI_INCOMPLETE, 64n])
    expect(realm.call(RSI_ATTESTATION_TOKEN_CONTINUE, RAM + PAGE, 0, 64).slice(0, 2)).toEqual([RSI_INCOMPLETE, 64n])
  })

  testUnpopulated(RSI_ATTESTATION_TOKEN_CONTINUE, [UNPOPULATED, 0, 64], [RSI_INCOMPLETE, 64n], (realm) =>
    realm.call(RSI_ATTESTATION_TOKEN_INIT, ...wordsOf(CHALLENGE)),
  )
})
