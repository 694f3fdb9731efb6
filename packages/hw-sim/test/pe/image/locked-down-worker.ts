import { parentPort } from 'node:worker_threads'
import { installFastFreeze } from '../../../src/pe/image/fast-freeze.ts'
import type { Findings } from './fast-freeze.test.ts'

installFastFreeze()

import('ses').then(() => {
  lockdown()
  parentPort?.postMessage(examine())
})

function examine(): Findings {
  const prototypes: Record<string, object> = {
    Object: Object.prototype,
    Array: Array.prototype,
    TypedArray: Object.getPrototypeOf(Uint8Array.prototype),
    Uint8Array: Uint8Array.prototype,
    Float64Array: Float64Array.prototype,
    BigUint64Array: BigUint64Array.prototype,
  }

  const primordials: Record<string, object> = {
    ...prototypes,
    Function: Function.prototype,
    Promise: Promise.prototype,
    Map: Map.prototype,
    ArrayBuffer: ArrayBuffer.prototype,
    DataView: DataView.prototype,
    Error: Error.prototype,
    Uint8ArrayConstructor: Uint8Array,
    ObjectConstructor: Object,
  }

  /** Whether `attempt` throws, as every mutation of a frozen object does in strict mode. */
  function throws(attempt: () => unknown): boolean {
    try {
      attempt()
      return false
    } catch {
      return true
    }
  }

  const mutated: string[] = []
  for (const [name, target] of Object.entries(prototypes)) {
    const record = target as Record<string, unknown>
    const note = (what: string, refused: boolean): void => {
      if (!refused) mutated.push(`${name}: ${what}`)
    }
    note(
      'extend',
      throws(() => Object.defineProperty(target, 'more', { value: 1 })),
    )
    note(
      'assign an index',
      throws(() => Object.defineProperty(target, '0', { value: 1 })),
    )
    note(
      'delete',
      throws(() => delete record['constructor']),
    )
    note(
      'redefine',
      throws(() => Object.defineProperty(target, 'constructor', { value: 1 })),
    )
    note(
      'reconfigure',
      throws(() => Object.defineProperty(target, 'constructor', { enumerable: true })),
    )
    note(
      'reparent',
      throws(() => Object.setPrototypeOf(target, { more: 1 })),
    )
    for (const key of Reflect.ownKeys(target)) {
      const property = Object.getOwnPropertyDescriptor(target, key)
      note(`keep ${String(key)}`, property?.configurable === false && property.writable !== true)
    }
  }

  function nanosecondsPerStore(): number {
    const bytes = new Uint8Array(1024)
    let best = Number.POSITIVE_INFINITY
    for (let round = 0; round < 8; round++) {
      const start = performance.now()
      for (let index = 0; index < 1_000_000; index++) bytes[index % 1024] = index
      best = Math.min(best, performance.now() - start)
    }
    return best
  }

  const freeze: unknown = Object.freeze
  return {
    notFrozen: Object.keys(primordials).filter((name) => !Object.isFrozen(primordials[name])),
    mutated,
    constructible: 'prototype' in Object.freeze || !throws(() => Reflect.construct(freeze as new () => unknown, [{}])),
    nanosecondsPerStore: nanosecondsPerStore(),
  }
}
