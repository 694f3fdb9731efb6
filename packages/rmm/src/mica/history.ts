import { encodeCbor } from '@mica/policy/cbor'
import type { Hash } from '../abi/index.ts'

/** What a chain records; the value is its number there. */
export const HISTORY = { join: 1, leave: 2, revoke: 3 } as const

/**
 * The hash chain of one member: every memory it joined, left or lost by revocation, in the order in which that happened.
 *
 * The head begins as zeroes; each record makes it H(head || CBOR [what, index of the memory in the member's policy]).
 * Nothing in it is about anybody else, so the order in which others come and go does not show.
 */
export class History {
  readonly #hash: Hash
  #head: Uint8Array
  #isInitial = true

  constructor(hash: Hash, size: number) {
    this.#hash = hash
    this.#head = new Uint8Array(size)
  }

  get head(): Uint8Array {
    return this.#head
  }

  /** Whether there is nothing in it but the joins of an upload, which follow from the policy. */
  get isInitial(): boolean {
    return this.#isInitial
  }

  /** Takes note of a memory that an upload opened. */
  begin(memory: number): void {
    this.#extend(HISTORY.join, memory)
  }

  /** Takes note of anything after the upload. */
  record(event: keyof typeof HISTORY, memory: number): void {
    this.#isInitial = false
    this.#extend(HISTORY[event], memory)
  }

  #extend(event: number, memory: number): void {
    const record = encodeCbor([event, memory])
    const input = new Uint8Array(this.#head.length + record.length)
    input.set(this.#head)
    input.set(record, this.#head.length)
    this.#head = this.#hash(input)
  }
}
