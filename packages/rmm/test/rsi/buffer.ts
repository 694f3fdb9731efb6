import { expect, test } from 'vitest'
import { RMI_DATA_CREATE_UNKNOWN, RMI_EXIT_SYNC } from '../../src/abi/index.ts'
import type { Word } from '../conditions.ts'
import type { ScriptedRealm } from '../scripted-host.ts'
import { guestWorld, UNPOPULATED } from './guest-world.ts'

/** EC of a data abort from a lower exception level, with a translation fault of level 3. */
const ABORT_AT_LEVEL_3 = (0x24n << 26n) | 0x7n

/**
 * Tests a call whose buffer is RAM that the host has not populated: the host hears of it as of an access of the Realm's,
 * and when it has provided the page the Realm makes the call again.
 *
 * @param answer x0 on of the call that finds its page; none if that leads to another exit.
 */
export function testUnpopulated(
  fid: bigint,
  args: readonly Word[],
  answer: readonly bigint[],
  prepare: (realm: ScriptedRealm) => unknown = () => undefined,
): void {
  test('RAM without a page is an exit to the host, and then a call as any other', () => {
    const { host, realm } = guestWorld([])
    prepare(realm)
    let x: readonly bigint[] = []
    const exit = realm.begin(function* (cpu) {
      x = yield* cpu.smc([fid, ...args.map(BigInt)])
    })
    expect(exit).toMatchObject({
      exit_reason: RMI_EXIT_SYNC,
      esr: ABORT_AT_LEVEL_3,
      far: 0n,
      hpfar: BigInt(UNPOPULATED / 256),
      gprs: Array.from({ length: 31 }, () => 0n),
    })
    expect(x).toEqual([])
    host.demand(RMI_DATA_CREATE_UNKNOWN, realm.rd, host.delegated(), UNPOPULATED)
    realm.enter()
    expect(x.slice(0, answer.length)).toEqual(answer)
  })

  test('a host that provides no page hears of it again', () => {
    const { realm } = guestWorld([])
    prepare(realm)
    const first = realm.begin((cpu) => cpu.smc([fid, ...args.map(BigInt)]))
    expect(realm.enter()).toEqual(first)
  })
}
