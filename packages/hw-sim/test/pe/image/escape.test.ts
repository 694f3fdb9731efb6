import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Machine } from '../../../src/index.ts'
import { DATA, imageGuest, untilSmc } from '../../image-machine.ts'
import { enter, nameOf } from '../../monitor.ts'

/**
 * A hostile image. Each attempt is a function that returns true when it succeeds; the image reports the outcome of all
 * of them, one register each: 0 failed, 1 succeeded, 2 threw, which is how some have to end.
 */
const attempts: Record<string, string> = {
  'see process, require, or the objects of Node': `() => [
    'process', 'require', 'module', 'global', 'Buffer', 'fetch', 'WebSocket', 'navigator', 'structuredClone',
    'MessageChannel', 'BroadcastChannel', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'console',
  ].some((name) => name in globalThis || typeof globalThis[name] !== 'undefined')`,
  'see a timer or a clock': `() => {
    if (['setTimeout', 'setImmediate', 'setInterval', 'performance', 'queueMicrotask'].some((name) => name in globalThis)) return true
    const clocks = [() => Date.now(), () => new Date(), () => Date(), () => Math.random()]
    return clocks.some((clock) => { try { clock(); return true } catch { return false } })
  }`,
  'find more on its global object than the language and pe': `() =>
    Reflect.ownKeys(globalThis).some((name) => typeof name === 'string' && /^[a-z]/.test(name) &&
      !['pe', 'globalThis', 'eval', 'harden', 'lockdown', 'isFinite', 'isNaN', 'parseFloat', 'parseInt',
        'decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'escape', 'unescape', 'assert', 'undefined'].includes(name))`,
  'make a function of the machine by constructor of an instruction': `() =>
    Object.values(pe).some((f) => typeof f.constructor('return process')() === 'object')`,
  'make a function of the machine by constructor of a result': `() => {
    const results = [pe.load(${DATA}, 4), pe.load(${DATA}, 4).buffer, pe.smc([0n]), pe.rndr(4), pe.rndr(4).buffer, pe.load64(${DATA})]
    return results.some((r) => { try { return typeof r.constructor.constructor('return process')() === 'object' } catch { return false } })
  }`,
  'make a function of the machine by constructor of an error': `() => {
    const causes = [() => pe.load('x'), () => pe.load(0, 2 ** 60), () => pe.smc({ get length() { throw new Error() } }),
      () => pe.store(0, null), () => pe.load32(), () => pe.smc(Object.create(null)), () => { const f = () => f() || pe.wfi(); f() }]
    return causes.some((cause) => { try { cause(); return false } catch (error) {
      try { return typeof error.constructor.constructor('return process')() === 'object' } catch { return false }
    } })
  }`,
  'make code by the constructors of other kinds of function': `() =>
    [async () => {}, function* () {}, async function* () {}, () => {}].some((f) => {
      try { return typeof Object.getPrototypeOf(f).constructor('return process')().next?.().value === 'object' } catch { return false }
    })`,
  'get at stack frames': `() => {
    try { pe.load('x') } catch (error) {
      if (/hw-sim|node:|file:/.test(String(error.stack)) || 'getThis' in error) return true
    }
    let seen = false
    try { Error.prepareStackTrace = (_, frames) => { seen = frames.some((frame) => frame.getThis || frame.getFunction) } } catch {}
    try { pe.load('x') } catch (error) { void error.stack }
    return seen || pe.load.caller !== undefined
  }`,
  'evaluate outside the compartment': `() => {
    const outer = [(0, eval)('this'), (0, eval)('globalThis'), new Function('return this')(), new Function('return globalThis')()]
    return outer.some((it) => it !== undefined && (it !== globalThis || 'process' in it))
  }`,
  'change an instruction': `() => {
    try { pe.load = () => 1 } catch {}
    try { pe.more = 1 } catch {}
    try { pe.load.more = 1 } catch {}
    try { Object.defineProperty(pe, 'smc', { value: 1 }) } catch {}
    return !Object.isFrozen(pe) || !Object.isFrozen(pe.load) || typeof pe.smc !== 'function' || 'more' in pe || 'more' in pe.load
  }`,
  'pollute a prototype': `() => {
    const prototypes = [Object, Array, Function, Uint8Array, BigInt, Promise, Error, TypeError, DataView, ArrayBuffer, Map]
      .map((c) => c.prototype).concat(Object.getPrototypeOf(Uint8Array.prototype), Object.getPrototypeOf(function* () {}))
    for (const prototype of prototypes) {
      try { prototype.polluted = 1 } catch {}
      try { Object.defineProperty(prototype, 'polluted', { value: 1 }) } catch {}
      try { Object.setPrototypeOf(prototype, { polluted: 1 }) } catch {}
      if ('polluted' in prototype || Object.isExtensible(prototype)) return true
    }
    const before = Uint8Array.prototype.set
    try { Uint8Array.prototype.set = () => 1 } catch {}
    try { Object.getPrototypeOf(Uint8Array.prototype).set = () => 1 } catch {}
    return Uint8Array.prototype.set !== before
  }`,
  'have its code run by an instruction in place of the machine': `() => {
    let ran = 0
    class Mine extends Uint8Array { static get [Symbol.species]() { ran++; return Uint8Array } get length() { ran++; return 1e9 } get buffer() { ran++; return new ArrayBuffer(8) } }
    pe.store(${DATA}, new Mine(8))
    pe.store(${DATA}, Object.defineProperty(new Uint8Array(8), 'constructor', { get() { ran++ } }))
    return ran > 0
  }`,
  'reach memory of the machine through a result': `() => {
    const bytes = pe.load(${DATA}, 4)
    if (bytes.buffer.byteLength !== 4 || !(bytes.buffer instanceof ArrayBuffer) || pe.rndr(3).buffer.byteLength !== 3) return true
    bytes[0] = 99
    return pe.load(${DATA}, 4)[0] === 99
  }`,
  'keep memory by storing from an array and changing it later': `() => {
    const bytes = Uint8Array.of(1, 2, 3, 4)
    pe.store(${DATA}, bytes)
    bytes[0] = 50
    return pe.load(${DATA}, 1)[0] !== 1
  }`,
  'call within the arguments of a call and upset it': `() => {
    const answer = pe.smc({ length: 2, get 0() { pe.smc([0n, 0n, 11n, 12n]); return 0n }, 1: 4n })
    return answer[1] !== 4n || answer[2] !== 0n
  }`,
  'stay awake by calling when its stack is used up': `() => {
    let depth = 0
    const dive = () => { depth++; try { dive() } catch { try { pe.smc([0n, BigInt(depth)]) } catch {} } }
    try { dive() } catch {}
    const answer = pe.smc([0n, 5n])
    return answer[1] !== 5n
  }`,
  'construct an instruction': `() => { try { return Boolean(new pe.load(${DATA}, 4)) } catch { return false } }`,
}

/** Attempts that the compartment answers with an exception; all others run to their end. */
const THROW = new Set(['make a function of the machine by constructor of an instruction'])

const NAMES = Object.keys(attempts)
let outcomes: readonly bigint[] = []
let machine: Machine

beforeAll(() => {
  const started = imageGuest(`
    const attempts = [${Object.values(attempts).join(',\n')}]
    const outcomes = attempts.map((attempt) => { try { return BigInt(attempt() === true) } catch { return 2n } })
    pe.smc([0x600dn, ...outcomes]);
    () => pe.wfi()`)
  machine = started.machine
  for (let calls = 0; calls < 20_000; calls++) {
    const x = untilSmc(started.guest)
    if (x[0] === 0x600dn) {
      outcomes = x.slice(1)
      return
    }
  }
})
afterAll(() => machine.stop())

describe('a hostile image cannot', () => {
  test.each(NAMES.map((name, index) => [name, index] as const))('%s', (_, index) => {
    expect(outcomes[index]).toBe(THROW.has(NAMES[index]!) ? 2n : 0n)
  })

  test.each([
    ['import a module', 'import("node:fs")'],
    ['import a module with space', 'import\u2028/* */("node:fs")'],
    ['import statically', 'import fs from "node:fs"'],
    ['see import.meta', 'import.meta.url'],
  ])('%s', async (_, code) => {
    const started = imageGuest(`${code}; pe.smc([]); () => pe.wfi()`)
    expect(nameOf(enter(started.guest))).toBe('wait')
    expect(started.events.at(-1)).toMatchObject({ event: 'halt', reason: 'image-threw' })
    await started.machine.stop()
  })
})
