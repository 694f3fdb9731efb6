/**
 * Freezing without frozen elements kinds.
 *
 * `lockdown` freezes the primordials. On V8 (Node 20), `Object.freeze` also gives an object a frozen *elements kind*,
 * and as soon as an object on the prototype chain of arrays or typed arrays has one, V8 takes every indexed store,
 * `bytes[i] = v`, for a store that a read-only element up the chain might forbid
 * (`MayHaveReadOnlyElementsInPrototypeChain`) and leaves the fast path: 30 ns a store instead of 1, and a JPEG
 * decoder that takes 46 ms instead of 4.
 *
 * An object is frozen, as the language defines it, when it is not extensible and none of its properties is writable
 * or configurable. That can be brought about property by property, which leaves the elements kind alone. The object
 * is just as immutable, `Object.isFrozen` says so, and only the one harmful internal mark is missing.
 */

const { freeze, getPrototypeOf, preventExtensions, defineProperty, getOwnPropertyDescriptor } = Object
const { ownKeys } = Reflect

/** The objects whose elements kinds V8 looks at when something is stored into an array or a typed array. */
function elementStorePrototypes(): Set<object> {
  const typed = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ]
  return new Set([
    Object.prototype,
    Array.prototype,
    getPrototypeOf(Uint8Array.prototype),
    ...typed.map((array) => array.prototype),
  ])
}

/** Freezes `target` without touching its elements kind. */
export function freezeByProperty<T extends object>(target: T): T {
  preventExtensions(target)
  for (const key of ownKeys(target)) {
    const isData = 'value' in (getOwnPropertyDescriptor(target, key) ?? {})
    defineProperty(target, key, isData ? { writable: false, configurable: false } : { configurable: false })
  }
  return target
}

/**
 * Replaces `Object.freeze` by one that freezes the prototypes of arrays and typed arrays property by property, and
 * everything else natively. To be called before ses is imported: ses takes `Object.freeze` when it is loaded.
 */
export function installFastFreeze(): void {
  const special = elementStorePrototypes()
  // A method in shorthand has no `prototype` property and cannot be constructed, like the function it replaces.
  const replacement = {
    freeze(target: unknown): unknown {
      const isSpecial = typeof target === 'object' && target !== null && special.has(target)
      return isSpecial ? freezeByProperty(target) : freeze(target)
    },
  }
  defineProperty(Object, 'freeze', { value: replacement.freeze, writable: true, enumerable: false, configurable: true })
}
