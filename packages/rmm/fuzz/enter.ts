import { GRANULE_SIZE } from '@mica/hw-sim'
import { hex } from '../conformance/trace/text.ts'
import * as abi from '../src/abi/index.ts'
import { type Chooser, once, pick, word } from './chooser.ts'
import type { FuzzWorld } from './fuzz-world.ts'
import { guestProgram } from './guest-program.ts'
import type { Pools } from './pools.ts'
import type { Step } from './step.ts'
import { withPage } from './structures.ts'

/** Enters a REC, and mostly does what its exit asks for. */
export function* enter(chooser: Chooser, pools: Pools, world: FuzzWorld): Generator<Step, void> {
  const rec = pools.rec()
  const run = pools.hostPage()
  const x = [abi.RMI_REC_ENTER, pools.mostly(rec), pools.mostly(run)]
  yield { ...withPage(chooser, run, runPage(chooser), x), program: guestProgram(chooser, pools) }
  const rd = world.model.recs.get(rec)?.rd
  if (rd === undefined || once(chooser, 4)) return
  const exit = abi.decodeRmiRecExit(world.machine.readPhysical(run + abi.REC_EXIT_OFFSET, 0x800))
  if (exit.exit_reason === abi.RMI_EXIT_RIPAS_CHANGE) {
    yield call(abi.RMI_RTT_SET_RIPAS, rd, rec, pools.mostly(exit.ripas_base), pools.mostly(exit.ripas_top))
  } else if (exit.exit_reason === abi.RMI_EXIT_PSCI) {
    const recs = [...world.model.recs].filter(([, each]) => each.rd === rd).map(([address]) => address)
    const target = recs[Number(exit.gprs[1] ?? 0n)] ?? pools.rec()
    yield call(abi.RMI_PSCI_COMPLETE, rec, target, pick(chooser, [0n, 0n, abi.PSCI_DENIED]))
  }
}

function runPage(chooser: Chooser): Uint8Array {
  const page = new Uint8Array(GRANULE_SIZE)
  page.set(
    abi.encodeRmiRecEnter({
      flags: pick(chooser, [0n, 0n, 0n, 0n, 1n, 2n, 4n, 8n, 12n, 16n, word(chooser)]),
      gprs: Array.from({ length: 8 }, () => word(chooser)),
      gicv3_hcr: pick(chooser, [0n, 0n, 0n, 2n, 1n]),
      gicv3_lrs: [pick(chooser, [0n, 0n, (1n << 62n) + 27n, (3n << 62n) + 32n, word(chooser)])],
    }),
  )
  return page
}

function call(...x: readonly (number | bigint)[]): Step {
  return { x: x.map(hex) }
}
