import { GRANULE_SIZE, type GranuleIndex } from '@mica/hw-sim'
import { GRANULE_STATE, type GranuleState } from '../src/granule/state.ts'
import { FrozenPolicy } from '../src/mica/frozen-policy.ts'
import type { MonitoredMachine } from './machine-state.ts'

/** An object as it was: enough to make it so again. */
interface Kept {
  readonly target: object
  readonly keys: readonly unknown[]
  readonly values: readonly unknown[] | ArrayLike<number | bigint>
}

/** Where to find what a machine may change; what is beyond the limits of {@link Checkpoint} is not looked at. */
export interface CheckpointScope extends MonitoredMachine {
  /** Objects beside the machine that belong to its state. */
  readonly beside: readonly object[]
  /** Granules whose content is the host's affair. */
  readonly hostPages: number
}

const ZEROES = Buffer.alloc(GRANULE_SIZE)

/** States in which a granule may hold something. A delegated one is zero; nobody ever reads what is in the others. */
const HOLDS_CONTENT = new Set<GranuleState>([
  GRANULE_STATE.rtt,
  GRANULE_STATE.data,
  GRANULE_STATE.dataShared,
  GRANULE_STATE.pd,
  GRANULE_STATE.sgt,
])

/**
 * A machine at one moment, to go back to: content of granules, their states and references, the granule protection table,
 * and all objects that the monitor keeps. Members are found, not listed, so that one which is added later is kept too.
 *
 * Objects stay the same objects; those made later are forgotten. Private members are out of reach: the chain of a
 * member's history, by which nobody decides anything, goes on; caches stay filled.
 */
export class Checkpoint {
  readonly #scope: CheckpointScope
  readonly #kept: Kept[] = []
  readonly #states: Uint8Array
  readonly #references: Uint32Array
  readonly #gpt: Uint8Array
  /** What granules hold. Never written to: several checkpoints have the same copies. */
  readonly content: ReadonlyMap<GranuleIndex, Buffer>

  /** @param near One taken not long before: granules with the same content are kept once. */
  constructor(scope: CheckpointScope, near?: Checkpoint) {
    this.#scope = scope
    const { memory } = scope.machine
    const { granules } = scope.rmm.monitor
    this.#states = new Uint8Array(memory.granules)
    this.#references = new Uint32Array(memory.granules)
    const content = new Map<GranuleIndex, Buffer>()
    for (let granule = 0; granule < memory.granules; granule++) {
      const state = granules.state(granule)
      this.#states[granule] = state
      this.#references[granule] = granules.references(granule)
      if (mayHold(scope, granule, state)) content.set(granule, this.#copyOf(granule, near?.content))
    }
    this.content = content
    this.#gpt = memory.gpt.slice()
    this.#keepObjects()
  }

  #copyOf(granule: GranuleIndex, near: ReadonlyMap<GranuleIndex, Buffer> | undefined): Buffer {
    const bytes = contentOf(this.#scope, granule)
    const known = near?.get(granule)
    return known?.equals(bytes) === true ? known : Buffer.from(bytes)
  }

  #keepObjects(): void {
    const { machine, rmm, beside } = this.#scope
    const { monitor } = rmm
    const known = new Set<object>([machine, machine.memory, machine.events, monitor.granules, monitor.attester])
    known.add(monitor.platform)
    const keep = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || known.has(value) || value instanceof FrozenPolicy) return
      known.add(value)
      const kept = keptOf(value)
      this.#kept.push(kept)
      if (ArrayBuffer.isView(value)) return
      for (const key of kept.keys) keep(key)
      for (const member of kept.values as readonly unknown[]) keep(member)
    }
    for (const root of [monitor.realms, monitor.recs, monitor.vmids, monitor.extension?.state, ...beside]) keep(root)
  }

  /** Makes the machine what it was. */
  restore(): void {
    const { machine, rmm } = this.#scope
    const { memory } = machine
    const { granules } = rmm.monitor
    for (let granule = 0; granule < memory.granules; granule++) {
      const state = this.#states[granule] as GranuleState
      const references = this.#references[granule]!
      const now = granules.state(granule)
      if (now !== state || granules.references(granule) !== references) {
        granules.dropReference(granule, granules.references(granule))
        if (now !== state) granules.move(granule, state)
        granules.addReference(granule, references)
      }
      const content = this.content.get(granule)
      if (content !== undefined) contentOf(this.#scope, granule).set(content)
      else if (mayHold(this.#scope, granule, now)) contentOf(this.#scope, granule).fill(0)
    }
    memory.gpt.set(this.#gpt)
    memory.invalidateWalks()
    for (const kept of this.#kept) putBack(kept)
  }

  /**
   * What has changed since, in a few words; `undefined` if nothing has.
   *
   * @param except Names of members that may.
   */
  difference(except: ReadonlySet<unknown>): string | undefined {
    const { machine, rmm } = this.#scope
    const { memory } = machine
    const { granules } = rmm.monitor
    for (let granule = 0; granule < memory.granules; granule++) {
      const state = granules.state(granule)
      if (state !== this.#states[granule]) return `the state of granule ${granule}`
      if (granules.references(granule) !== this.#references[granule]) return `the references of granule ${granule}`
      if (memory.gpt[granule] !== this.#gpt[granule]) return `the address space of granule ${granule}`
      const content = this.content.get(granule) ?? (state === GRANULE_STATE.delegated ? ZEROES : undefined)
      if (content?.equals(contentOf(this.#scope, granule)) === false) return `what granule ${granule} holds`
    }
    for (const kept of this.#kept) {
      const changed = changeOf(kept, except)
      if (changed !== undefined) return `${changed} of a ${kept.target.constructor.name}`
    }
    return undefined
  }
}

/** Whether a granule in this state may hold something that is not the host's page's. */
function mayHold({ hostPages }: CheckpointScope, granule: GranuleIndex, state: GranuleState): boolean {
  return HOLDS_CONTENT.has(state) || (state === GRANULE_STATE.undelegated && granule >= hostPages)
}

function contentOf({ machine }: MonitoredMachine, granule: GranuleIndex): Uint8Array {
  return machine.memory.granuleBytes(granule)
}

function keptOf(target: object): Kept {
  if (target instanceof Map) return { target, keys: [...target.keys()], values: [...target.values()] }
  if (target instanceof Set) return { target, keys: [], values: [...target] }
  if (Array.isArray(target)) return { target, keys: [], values: [...target] }
  if (ArrayBuffer.isView(target)) return { target, keys: [], values: (target as Uint8Array).slice() }
  return { target, keys: Object.keys(target), values: Object.values(target) }
}

function putBack({ target, keys, values }: Kept): void {
  if (target instanceof Map) {
    target.clear()
    for (let i = 0; i < keys.length; i++) target.set(keys[i], values[i])
  } else if (target instanceof Set) {
    target.clear()
    for (let i = 0; i < values.length; i++) target.add(values[i])
  } else if (Array.isArray(target)) {
    target.length = values.length
    for (let i = 0; i < values.length; i++) target[i] = values[i]
  } else if (ArrayBuffer.isView(target)) {
    ;(target as Uint8Array).set(values as ArrayLike<number>)
  } else {
    const fields = target as Record<string, unknown>
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string
      if (fields[key] !== values[i]) fields[key] = values[i]
    }
  }
}

/** The name of a member, or the place in a list, that is not what it was. */
function changeOf({ target, keys, values }: Kept, except: ReadonlySet<unknown>): string | undefined {
  const now = ArrayBuffer.isView(target) ? (target as Uint8Array) : membersOf(target)
  if (now.length !== values.length) return 'size'
  for (let i = 0; i < values.length; i++) {
    if (!same(now[i], values[i]) && !except.has(keys[i])) return String(keys[i] ?? i)
  }
  return undefined
}

function membersOf(target: object): readonly unknown[] {
  if (Array.isArray(target)) return target
  if (target instanceof Set || target instanceof Map) return [...target.values()]
  return Object.values(target)
}

/** Whether two values are the same, or are lists or records of the same: those that a command makes anew. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [one, other] = [membersOf(a), membersOf(b)]
  return one.length === other.length && one.every((member, i) => member === other[i])
}
