import { GRANULE_SIZE } from '@mica/hw-sim'
import { hex } from '../conformance/trace/text.ts'
import { buildRealm } from './build-realm.ts'
import { type Chooser, once, pick, word } from './chooser.ts'
import { enter } from './enter.ts'
import { fillBlock, hasRoomForBlock } from './fill-block.ts'
import type { FuzzWorld } from './fuzz-world.ts'
import { Pools } from './pools.ts'
import { registerCall } from './register-call.ts'
import { type Step, writePage } from './step.ts'
import { createRealm, createRec, delegate } from './structures.ts'

/** How rarely a whole block of memory is populated: it takes a thousand calls. */
const BLOCK_ODDS = 400

/** Of {@link TURNS} turns, how many go to what is more than one call with arguments. */
const TURNS = 100
const TURN = { buildRealm: 2, delegate: 6, createRealm: 2, createRec: 3, enter: 35, fault: 1, anything: 2 } as const

/**
 * What the host does next, by decisions of a chooser: one step, or several that only make sense together. Each is to be
 * done before the next is asked for.
 */
export function* generate(chooser: Chooser, world: FuzzWorld): Generator<Step, void> {
  const pools = new Pools(chooser, world)
  if (once(chooser, BLOCK_ODDS) && hasRoomForBlock(world)) {
    yield* fillBlock(pools, world)
    return
  }
  let turn = chooser.below(TURNS)
  const isTurnOf = (share: number): boolean => {
    turn -= share
    return turn < 0
  }
  if (isTurnOf(TURN.buildRealm)) yield* buildRealm(chooser, pools)
  else if (isTurnOf(TURN.delegate)) for (let i = chooser.below(12); i >= 0; i--) yield delegate(pools.anyGranule())
  else if (isTurnOf(TURN.createRealm)) yield createRealm(chooser, pools)
  else if (isTurnOf(TURN.createRec)) yield createRec(chooser, pools, world.model)
  else if (isTurnOf(TURN.enter)) yield* enter(chooser, pools, world)
  else if (isTurnOf(TURN.fault)) yield { ...call(chooser, pools), fault: fault(chooser, pools) }
  else if (isTurnOf(TURN.anything)) yield anything(chooser, pools)
  else yield call(chooser, pools)
}

function call(chooser: Chooser, pools: Pools): Step {
  return { x: registerCall(chooser, pools).map(hex) }
}

/** Root firmware takes a page from the host, or gives one back. */
function fault(chooser: Chooser, pools: Pools): NonNullable<Step['fault']> {
  return { address: hex(pools.hostPage()), fault: once(chooser, 2) }
}

/** A call with random registers, or with a page of the host's, whose content is random. */
function anything(chooser: Chooser, pools: Pools): Step {
  const fid = once(chooser, 4) ? word(chooser) : 0xc400_0140n + BigInt(chooser.below(0x90))
  const page = pools.hostPage()
  const content = new DataView(new ArrayBuffer(GRANULE_SIZE))
  for (let words = chooser.below(64); words > 0; words--) {
    content.setBigUint64(chooser.below(GRANULE_SIZE / 8) * 8, word(chooser), true)
  }
  const register = () =>
    pick(chooser, [BigInt(page), BigInt(pools.granule('delegated')), BigInt(pools.rd()), word(chooser)])
  return {
    writes: [writePage(page, new Uint8Array(content.buffer))],
    x: [fid, ...Array.from({ length: 6 }, register)].map(hex),
  }
}
