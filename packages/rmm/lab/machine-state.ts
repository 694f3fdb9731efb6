import { hash } from 'node:crypto'
import { GRANULE_SIZE, type GranuleIndex, type Machine } from '@mica/hw-sim'
import { granuleStateName } from '../src/granule/state.ts'
import type { Rmm } from '../src/index.ts'
import { describeObjects } from './describe-objects.ts'

/** A machine with the monitor that runs on it. */
export interface MonitoredMachine {
  readonly machine: Machine
  readonly rmm: Rmm
}

const ZEROES = Buffer.alloc(GRANULE_SIZE)

/**
 * Everything that a command may change, as text, one thing a line: the memory that holds anything, the granule
 * protection table, states and references of granules, and all objects of the monitor and of its extension with
 * whatever members they have. Two machines are in the same state exactly if their texts are the same; where they are
 * not, the lines that differ say in what.
 *
 * Left out are the event log, what walks remember, and keys and tokens that follow from the machine's seed.
 *
 * @param except Lines that do not matter either.
 */
export function machineState({ machine, rmm }: MonitoredMachine, except?: RegExp): string {
  const { monitor } = rmm
  const lines: string[] = []
  const bytes = Buffer.from(machine.memory.buffers.dram)
  for (let granule = 0; granule < machine.memory.granules; granule++) {
    const line = describeGranule(machine, rmm, bytes, granule)
    if (line !== '') lines.push(`${machine.memory.addressOf(granule).toString(16)}${line}`)
  }
  // The base first: what it and the extension both know is described as the base's.
  const { extension, ...base } = monitor
  const known = [base.machine, base.memory, base.events, base.granules, base.attester, base.platform]
  const described = lines.concat(describeObjects('monitor', { ...base, extension }, known))
  return (except === undefined ? described : described.filter((line) => !except.test(line))).join('\n')
}

/** What there is to say about a granule that is not as it was after reset: nothing of most. */
function describeGranule({ memory }: Machine, { monitor }: Rmm, bytes: Buffer, granule: GranuleIndex): string {
  const { granules } = monitor
  const start = granule * GRANULE_SIZE
  const isEmpty = bytes.compare(ZEROES, 0, GRANULE_SIZE, start, start + GRANULE_SIZE) === 0
  const state = granules.state(granule)
  const references = granules.references(granule)
  const pas = memory.gpt[granule]!
  if (isEmpty && state === 0 && references === 0 && pas === 0) return ''
  const content = isEmpty ? 'empty' : hash('sha1', bytes.subarray(start, start + GRANULE_SIZE))
  return ` ${granuleStateName(state)} references ${references} pas ${pas} ${content}`
}
