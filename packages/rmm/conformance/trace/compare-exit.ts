import { decodeRmiRecExit, REC_EXIT_OFFSET, type RmiRecExit } from '../../src/abi/index.ts'
import type { RecordedCall } from './recording.ts'
import { hex, trimmed } from './text.ts'
import type { TraceMachine } from './trace-machine.ts'

/** Members of the exit record that the host reads, as recordings write them: those that are not zero. */
export function exitMembers(machine: TraceMachine, call: RecordedCall): Record<string, unknown> {
  const exit = decodeRmiRecExit(machine.readPhysical(Number(call.args[1]) + REC_EXIT_OFFSET, 0x800))
  const members: Record<string, unknown> = {}
  for (const name of Object.keys(exit) as (keyof RmiRecExit)[]) {
    const value = exit[name]
    if (typeof value === 'number' || typeof value === 'bigint') {
      if (BigInt(value) !== 0n || name === 'exit_reason') members[name] = hex(value)
    } else if (value.some((word) => word !== 0n)) {
      members[name] = name === 'gprs' ? trimmed(value) : value.map(hex)
    }
  }
  return members
}
