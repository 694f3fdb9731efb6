/**
 * The thread of one image guest: starts, waits for its first entry, fetches the image, and runs it in a compartment
 * that holds the PE's instruction set and nothing else.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { PhysicalMemory } from '../../physical-memory.ts'
import { SYSREG } from '../../system-registers.ts'
import { GuardedAccess } from '../access.ts'
import { AccessCounters } from '../access-counters.ts'
import { Core } from '../core.ts'
import { RandomNumbers } from '../random.ts'
import { ControlBlock, DOUBLE, STATE, WORD } from './control-block.ts'
import { installFastFreeze } from './fast-freeze.ts'
import { fetchImage } from './image.ts'
import type { RealmWorkerData } from './image-guests.ts'
import { instructionSet } from './instruction-set.ts'
import { Processor } from './processor.ts'

// A promise that a guest rejects and nobody handles is the guest's business, and must not end the thread.
process.on('unhandledRejection', () => {})

const { control: buffer, memory: buffers, quantum, debug } = workerData as RealmWorkerData
const control = new ControlBlock(buffer)

// ses takes `Object.freeze` when it is loaded, so it must not be loaded before.
installFastFreeze()
import('ses').then(start)

function start(): void {
  lockdown({ errorTaming: 'safe', consoleTaming: 'unsafe', unhandledRejectionTrapping: 'none', reporting: 'none' })
  control.give(STATE.ready)
  parentPort?.postMessage('ready')
  // Not at once, because waiting blocks the thread, and the message above has to leave it first.
  setImmediate(awaitGuest)
}

/** Waits for a guest, then for its first entry, and runs it. */
function awaitGuest(): void {
  while (control.state === STATE.ready) control.waitWhile(STATE.ready, Number.POSITIVE_INFINITY)
  const root = {
    table: control.doubles[DOUBLE.table] ?? 0,
    startLevel: control.words[WORD.startLevel] ?? 0,
    ipaBits: control.words[WORD.ipaBits] ?? 0,
    lpa2: control.words[WORD.lpa2] !== 0,
  }
  const pc = control.system[SYSREG.ELR_EL2] ?? 0n
  const access = new GuardedAccess(new PhysicalMemory(buffers), root, new AccessCounters(control.counters))
  const core = new Core(control.x, control.system, access.counters, pc, quantum)
  const processor = new Processor(control, access, core, new RandomNumbers(control.randomKey.slice()))
  processor.awaitEntry()
  boot(processor, Number(pc))
}

/** Runs the image, then its idle vector each time the guest's job queue is empty. */
function boot(processor: Processor, pc: number): void {
  const source = fetchImage(processor, pc)
  if (source === undefined) processor.halt('no-image', '')
  const pe = harden(instructionSet(processor))
  const compartment = new Compartment({ globals: { pe }, __options__: true })
  let idle: unknown
  try {
    idle = compartment.evaluate(source)
  } catch (error) {
    processor.halt('image-threw', describe(error))
  }
  if (typeof idle !== 'function') processor.halt('no-idle-vector', '')
  const vector = idle
  const run = (): void => {
    try {
      Reflect.apply(vector, undefined, [])
    } catch (error) {
      processor.halt('idle-vector-threw', describe(error))
    }
    setImmediate(run)
  }
  setImmediate(run)
}

/** What a guest threw, as text for its author: nothing unless asked for, since the text may be anything it knows. */
function describe(error: unknown): string {
  if (!debug) return ''
  try {
    return String(error)
  } catch {
    return 'an error that cannot be shown'
  }
}
