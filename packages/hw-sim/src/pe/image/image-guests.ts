import type { Worker } from 'node:worker_threads'
import type { Guest, GuestStart, PeParts } from '../guest.ts'
import { spawnModuleWorker } from '../node-worker.ts'
import { guestRandomKey } from '../random.ts'
import { ControlBlock, STATE } from './control-block.ts'
import { ImageGuest } from './image-guest.ts'

/** What a machine's options say about image guests. */
export interface ImageGuestOptions {
  /** Milliseconds a guest may compute without a single exit before it is stopped for good. */
  readonly watchdogMs?: number
  /** Whether `halt` events tell what the guest threw. */
  readonly debugGuests?: boolean
}

/** What a worker is started with. */
export interface RealmWorkerData {
  readonly control: SharedArrayBuffer
  readonly memory: PeParts['memory']['buffers']
  readonly quantum: number
  readonly debug: boolean
}

/** A thread that holds, or waits for, one guest. */
export interface RealmThread {
  readonly control: ControlBlock
  readonly worker: Worker
}

const DEFAULT_WATCHDOG_MS = 30_000

/**
 * Bounds on the JavaScript heap of one guest, in megabytes. The young generation is generous: libraries that build large
 * tables for each call would otherwise spend a third of a guest's time on collecting them.
 *
 * SIMPLIFIED: the runtime does not count typed arrays towards these limits; and a guest's heap is not Realm memory.
 */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 384, stackSizeMb: 4 }

/** The module a worker runs, next to this one: in TypeScript from source, in JavaScript when built. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './realm-worker.ts' : './realm-worker.js', import.meta.url)

/** The image guests of one machine, and their threads. A thread is used for one guest and then ended. */
export class ImageGuests {
  readonly #parts: PeParts
  readonly #watchdogMs: number
  readonly #debug: boolean
  readonly #idle: RealmThread[] = []
  readonly #threads: Set<Promise<void>> = new Set()
  readonly #workers: Set<Worker> = new Set()
  readonly #guests: Set<Guest> = new Set()
  #sequence = 0
  #off = false

  constructor(parts: PeParts, options: ImageGuestOptions) {
    this.#parts = parts
    this.#watchdogMs = options.watchdogMs ?? DEFAULT_WATCHDOG_MS
    this.#debug = options.debugGuests ?? false
  }

  make(start: GuestStart): Guest {
    if (this.#off) throw new Error('the machine is off')
    const thread = this.#idle.shift() ?? this.#spawn()
    thread.control.randomKey.set(guestRandomKey(this.#parts.seed, start.rec, this.#sequence++))
    const guest = new ImageGuest(start, thread, this.#parts, this.#watchdogMs)
    this.#guests.add(guest)
    thread.worker.once('exit', () => this.#guests.delete(guest))
    return guest
  }

  /** Starts threads until `count` of them wait for a guest, and resolves when those are ready. */
  async prepare(count: number): Promise<void> {
    if (this.#off) throw new Error('the machine is off')
    while (this.#idle.length < count) this.#idle.push(this.#spawn())
    await Promise.all(this.#idle.map(ready))
  }

  /** Ends every thread. Guests that are left behave as halted; there are no new ones. */
  async stop(): Promise<void> {
    this.#off = true
    this.#idle.length = 0
    for (const guest of this.#guests) guest.stop()
    for (const worker of this.#workers) void worker.terminate()
    await Promise.all(this.#threads)
  }

  #spawn(): RealmThread {
    const control = new ControlBlock()
    const data: RealmWorkerData = {
      control: control.buffer,
      memory: this.#parts.memory.buffers,
      quantum: this.#parts.quantum,
      debug: this.#debug,
    }
    const worker = spawnModuleWorker(ENTRY, { workerData: data, resourceLimits: RESOURCE_LIMITS })
    // The thread of a machine that is simply dropped must not keep the process alive.
    worker.unref()
    worker.on('error', (error: Error) => {
      control.text = error.message
      control.give(STATE.failed)
    })
    this.#workers.add(worker)
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        control.give(STATE.failed)
        this.#workers.delete(worker)
        this.#threads.delete(ended)
        resolve()
      })
    })
    this.#threads.add(ended)
    return { control, worker }
  }
}

/** Waits, without blocking this thread, until a worker has started. */
function ready(thread: RealmThread): Promise<void> {
  const { control, worker } = thread
  if (control.state !== STATE.starting) return Promise.resolve()
  // Its first message is the one thing that this promise waits for, so until then it does keep the process alive.
  worker.ref()
  return new Promise<void>((resolve) => {
    worker.once('message', () => resolve())
    worker.once('exit', () => resolve())
  }).finally(() => worker.unref())
}
