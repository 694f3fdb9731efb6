import type { GeneralRegisters } from '../../registers.ts'
import { WFI_SYNDROME } from '../../syndrome.ts'
import { HCR_TWI, SYSREG, type SystemRegisters } from '../../system-registers.ts'
import { AccessCounters } from '../access-counters.ts'
import { reportFault } from '../fault-event.ts'
import type { Guest, GuestExit, GuestStart, PeParts } from '../guest.ts'
import { CountedPe } from '../system-counter.ts'
import {
  ACCESS_CODES,
  type ControlBlock,
  DOUBLE,
  EXIT_CODES,
  FAULT_CODES,
  HALT_CODES,
  type HaltReason,
  STATE,
  WORD,
} from './control-block.ts'
import type { RealmThread } from './image-guests.ts'

/** How long a thread may take to start before that counts as our own failure. */
const START_TIMEOUT_MS = 15_000

/** How long the machine lets a thread run out that it has stopped by force. */
const KILL_GRACE_MS = 5

/**
 * The machine's side of one image guest: gives the turn to its thread, blocks until it comes back with an exit.
 *
 * A guest that halts (it has no image, threw, or was stopped by the watchdog) stays: it waits for interrupts for ever.
 */
export class ImageGuest implements Guest {
  readonly x: GeneralRegisters
  readonly system: SystemRegisters
  readonly #rec: string
  readonly #parts: PeParts
  readonly #watchdogMs: number
  readonly #thread: RealmThread
  readonly #control: ControlBlock
  readonly #counters: AccessCounters
  readonly #time: CountedPe
  #over = false

  constructor(start: GuestStart, thread: RealmThread, parts: PeParts, watchdogMs: number) {
    const { words, doubles, x, system, counters } = thread.control
    this.#rec = start.rec
    this.#parts = parts
    this.#watchdogMs = watchdogMs
    this.#thread = thread
    this.#control = thread.control
    this.x = x
    this.system = system
    this.#counters = new AccessCounters(counters)
    this.#time = new CountedPe(parts.clock, system)
    words[WORD.startLevel] = start.stage2.startLevel
    words[WORD.ipaBits] = start.stage2.ipaBits
    words[WORD.lpa2] = start.stage2.lpa2 ? 1 : 0
    doubles[DOUBLE.table] = start.stage2.table
    system[SYSREG.ELR_EL2] = start.pc
    for (const [index, value] of start.gprs.entries()) x[index] = value
  }

  resume(): GuestExit {
    if (this.#over) return this.#wait()
    this.#awaitStart()
    if (this.#control.state === STATE.failed) return this.#end('no-thread')
    this.#control.give(STATE.running)
    const inTime = this.#control.waitWhile(STATE.running, this.#watchdogMs)
    if (!inTime) return this.#end('watchdog')
    if (this.#control.state === STATE.failed) return this.#end('no-thread')
    this.#counters.report(this.#parts.events, this.#rec)
    this.#time.count()
    const halted = HALT_CODES[this.#control.words[WORD.halted] ?? 0]
    return halted === undefined ? this.#exit() : this.#end(halted)
  }

  stop(): void {
    if (this.#over) return
    this.#over = true
    Atomics.store(this.#control.words, WORD.stopped, 1)
    void this.#thread.worker.terminate()
  }

  /** Blocks until the thread has started, which it does without this thread's help. */
  #awaitStart(): void {
    const started = this.#control.waitWhile(STATE.starting, START_TIMEOUT_MS)
    if (!started)
      throw new Error(`the thread of an image guest did not start: ${this.#control.text || 'no reason known'}`)
  }

  /** Ends the guest for good, and its thread with it; what it does from now on is wait. */
  #end(reason: HaltReason): GuestExit {
    this.stop()
    if (reason === 'watchdog') {
      this.#letRunOut()
      this.#counters.report(this.#parts.events, this.#rec)
    }
    const { text } = this.#control
    this.#parts.events.emit({ event: 'halt', rec: this.#rec, reason, text: text === '' ? undefined : text })
    return this.#wait()
  }

  /** What a guest does that is over. */
  #wait(): GuestExit {
    const traps = (this.system[SYSREG.HCR_EL2]! & HCR_TWI) !== 0n
    return traps ? { kind: 'sync', syndrome: WFI_SYNDROME } : { kind: 'irq' }
  }

  /**
   * Stopping a thread by force takes effect at its next loop or call. Until then `stopped` keeps its PE from beginning
   * an access; this pause covers an access that was under way.
   */
  #letRunOut(): void {
    Atomics.wait(this.#control.words, WORD.stopped, 1, KILL_GRACE_MS)
  }

  #exit(): GuestExit {
    const { words, doubles } = this.#control
    const kind = EXIT_CODES[words[WORD.exit] ?? 0] ?? 'irq'
    if (kind === 'irq') return { kind }
    if (kind === 'abort') {
      reportFault(this.#parts.events, this.#rec, {
        ipa: doubles[DOUBLE.faultIpa] ?? 0,
        kind: ACCESS_CODES[words[WORD.faultKind] ?? 0] ?? 'read',
        fault: FAULT_CODES[words[WORD.faultCause] ?? 0] ?? 'translation',
        level: words[WORD.faultLevel] ?? 0,
      })
    }
    return { kind: 'sync', syndrome: this.#control.syndrome }
  }
}
