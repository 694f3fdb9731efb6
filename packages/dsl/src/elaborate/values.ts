import type { Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type { LetItem, Value } from '../syntax/ast.ts'
import { nearest } from '../syntax/literals.ts'
import type { Span } from '../syntax/span.ts'
import type { Scope } from './scope.ts'

const GRANULE_SIZE = 4096

/** Bytes of one half of the address space that a policy may speak of. */
const HALF_SIZE = 2 ** 37

/** Where the addresses of a file with labels end: `POLY` v1 has guest addresses as they are. */
const LABELLED_SIZE = 2 ** 48

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

/** What a `let` names: a plain number, or bytes. */
interface Quantity {
  readonly amount: number
  readonly size: boolean
  /** Where it was written. */
  readonly span: Span
}

/** Reads numbers, sizes and addresses, with the names that `let` gives to them. */
export class Values {
  readonly #scope: Scope
  readonly #report: Report
  readonly #known = new Map<string, Quantity | undefined>()
  readonly #addressEnd: number

  constructor(scope: Scope) {
    this.#scope = scope
    this.#report = scope.report
    const labelled = [...scope.peers.values()].some(({ identity }) => identity?.kind === 'label')
    this.#addressEnd = labelled ? LABELLED_SIZE : HALF_SIZE
  }

  /** Checks a `let` whether or not it is used. */
  define(item: LetItem): void {
    if (item.value !== undefined) this.#named(item.name.text)
  }

  /** The granules of a size: at least one. */
  granules(value: Value): number | undefined {
    const quantity = this.#quantity(value)
    if (quantity === undefined) return undefined
    const { amount: bytes } = quantity
    if (!quantity.size) {
      if (value.kind === 'number') this.#report(messages.sizeWithoutUnit({ number: bytes }, value.span))
      else this.#report(messages.expectedSize({ name: value.name.text, defined: quantity.span }, value.span))
      return undefined
    }
    if (bytes === 0 || bytes > HALF_SIZE) {
      this.#report(messages.sizeOutOfRange({ limit: '128 GiB' }, value.span))
      return undefined
    }
    if (bytes % GRANULE_SIZE !== 0) {
      this.#report(messages.sizeNotWhole({ bytes, literal: value.kind === 'number' }, value.span))
      return undefined
    }
    return bytes / GRANULE_SIZE
  }

  /** The granule where a memory of `granules` begins. */
  address(value: Value, granules: number): number | undefined {
    const address = this.#plain(value, 'an address')
    if (address === undefined) return undefined
    if (address % GRANULE_SIZE !== 0) {
      this.#report(messages.addressNotAligned(value.span))
      return undefined
    }
    if (address + granules * GRANULE_SIZE > this.#addressEnd) {
      this.#report(messages.addressOutOfRange(value.span))
      return undefined
    }
    return address / GRANULE_SIZE
  }

  /** A plain number between `minimum` and `maximum`; `what` is what it is called in a message. */
  number(value: Value, what: string, minimum: number, maximum: number): number | undefined {
    const amount = this.#plain(value, what)
    if (amount === undefined || (amount >= minimum && amount <= maximum)) return amount
    this.#report(messages.numberOutOfRange({ what, minimum, maximum }, value.span))
    return undefined
  }

  #plain(value: Value, what: string): number | undefined {
    const quantity = this.#quantity(value)
    if (quantity === undefined || !quantity.size) return quantity?.amount
    this.#report(messages.expectedNumber({ what }, value.span))
    return undefined
  }

  #quantity(value: Value): Quantity | undefined {
    if (value.kind === 'number') return this.#literal(value)
    const { name } = value
    if (this.#scope.lets.has(name.text)) return this.#named(name.text)
    if (this.#scope.get(name.text) !== undefined) this.#scope.wrongKind(name, 'a size or a number')
    else this.#scope.unknown(name, 'size', this.#scope.lets.keys())
    return undefined
  }

  // A chain of names may be as long as the file, so it is followed in a loop.
  #named(name: string): Quantity | undefined {
    const chain: LetItem[] = []
    const passed = new Set<string>()
    let next: string | undefined = name
    let quantity: Quantity | undefined
    while (next !== undefined) {
      if (this.#known.has(next)) {
        quantity = this.#known.get(next)
        break
      }
      const item = this.#scope.lets.get(next)
      if (item === undefined || item.value === undefined) break
      if (passed.has(next)) {
        this.#report(messages.circularLet({ name: next }, item.value.span))
        break
      }
      passed.add(next)
      chain.push(item)
      if (item.value.kind === 'number') {
        quantity = this.#literal(item.value)
        break
      }
      next = item.value.name.text
      if (!this.#scope.lets.has(next)) this.#scope.unknown(item.value.name, 'size', this.#scope.lets.keys())
    }
    for (const item of chain) this.#known.set(item.name.text, quantity)
    return quantity
  }

  #literal(value: Extract<Value, { kind: 'number' }>): Quantity | undefined {
    const { number, unit, span } = value
    if (unit === undefined) return { amount: number, size: false, span }
    const factor = Object.hasOwn(UNITS, unit.text) ? UNITS[unit.text] : undefined
    if (factor === undefined) {
      this.#report(messages.unknownUnit({ unit: unit.text, near: nearest(unit.text, Object.keys(UNITS)) }, unit.span))
      return undefined
    }
    if (!Number.isSafeInteger(number * factor)) {
      this.#report(messages.numberTooLarge(span))
      return undefined
    }
    return { amount: number * factor, size: true, span }
  }
}
