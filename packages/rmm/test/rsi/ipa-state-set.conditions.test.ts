import { describe, expect, test } from 'vitest'
import {
  RIPAS_DESTROYED,
  RIPAS_EMPTY,
  RIPAS_RAM,
  RMI_ENTER_RIPAS_REJECT,
  RMI_EXIT_RIPAS_CHANGE,
  RMI_RTT_SET_RIPAS,
  RSI_ERROR_INPUT,
  RSI_IPA_STATE_SET,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import { testGuestErrors } from '../conditions.ts'
import { PAGE, UNPROTECTED } from '../scripted-host.ts'
import { guestWorld } from './guest-world.ts'

const BLOCK = 0x20_0000
const [BASE, TOP] = [BLOCK, BLOCK + 4 * PAGE]
const FLAGS = 0
/** RsiResponse: what the Realm hears of the host's answer. */
const [ACCEPT, REJECT] = [0n, 1n]

/** Asks up to the exit. The answer is what the Realm has in x0 to x3 after it. */
function ask(ripas = RIPAS_RAM) {
  const { host, realm } = guestWorld([])
  let x: readonly bigint[] = []
  const exit = realm.begin(function* (cpu) {
    x = yield* cpu.smc([RSI_IPA_STATE_SET, ...[BASE, TOP, ripas, FLAGS].map(BigInt)])
  })
  const set = (base: number, top: number) => host.demand(RMI_RTT_SET_RIPAS, realm.rd, realm.rec, base, top)
  const answer = (flags = 0n) => {
    realm.enter({ flags })
    return x.slice(0, 4)
  }
  return { realm, exit, set, answer }
}

describe('RSI_IPA_STATE_SET', () => {
  testGuestErrors(RSI_IPA_STATE_SET, () => guestWorld([BASE, TOP, RIPAS_RAM, FLAGS]), [
    { name: 'base_align', x: { 1: BASE + 8 }, expect: [RSI_ERROR_INPUT] },
    { name: 'top_align', x: { 2: TOP + 8 }, expect: [RSI_ERROR_INPUT] },
    { name: 'size_valid: empty', x: { 2: BASE }, expect: [RSI_ERROR_INPUT] },
    { name: 'size_valid: backwards', x: { 2: BASE - PAGE }, expect: [RSI_ERROR_INPUT] },
    { name: 'rgn_bound: into the unprotected half', x: { 2: UNPROTECTED + PAGE }, expect: [RSI_ERROR_INPUT] },
    { name: 'rgn_bound: all unprotected', x: { 1: UNPROTECTED, 2: UNPROTECTED + PAGE }, expect: [RSI_ERROR_INPUT] },
    { name: 'rgn_bound: beyond the address space', x: { 2: 2n ** 64n - 0x1000n }, expect: [RSI_ERROR_INPUT] },
    { name: 'ripas_valid: destroyed', x: { 3: RIPAS_DESTROYED }, expect: [RSI_ERROR_INPUT] },
    { name: 'ripas_valid: reserved', x: { 3: 3 }, expect: [RSI_ERROR_INPUT] },
    { name: 'ripas_valid: -1', x: { 3: 2n ** 64n - 1n }, expect: [RSI_ERROR_INPUT] },
  ])

  test.each([
    ['empty', RIPAS_EMPTY],
    ['RAM', RIPAS_RAM],
  ])('the host hears range and RIPAS: %s', (_, ripas) => {
    const { exit } = ask(ripas)
    expect(exit).toMatchObject({
      exit_reason: RMI_EXIT_RIPAS_CHANGE,
      ripas_base: BigInt(BASE),
      ripas_top: BigInt(TOP),
      ripas_value: ripas,
      esr: 0n,
      hpfar: 0n,
    })
  })

  test('new_base: the Realm hears how far the host came', () => {
    const { set, answer } = ask()
    set(BASE, BASE + PAGE)
    expect(answer()).toEqual([RSI_SUCCESS, BigInt(BASE + PAGE), ACCEPT, 0n])
  })

  test('new_base: nothing done is no error', () => {
    expect(ask().answer()).toEqual([RSI_SUCCESS, BigInt(BASE), ACCEPT, 0n])
  })

  test('response: the host may reject what it has not done', () => {
    const { set, answer } = ask()
    set(BASE, BASE + PAGE)
    expect(answer(RMI_ENTER_RIPAS_REJECT)).toEqual([RSI_SUCCESS, BigInt(BASE + PAGE), REJECT, 0n])
  })

  test('response: it cannot reject what is done', () => {
    const { set, answer } = ask()
    set(BASE, TOP)
    expect(answer(RMI_ENTER_RIPAS_REJECT)).toEqual([RSI_SUCCESS, BigInt(TOP), ACCEPT, 0n])
  })

  test('response: nor that memory becomes empty', () => {
    expect(ask(RIPAS_EMPTY).answer(RMI_ENTER_RIPAS_REJECT)).toEqual([RSI_SUCCESS, BigInt(BASE), ACCEPT, 0n])
  })
})
