import { bufferMemory, type ChannelMemory } from '../../src/memory.ts'

/**
 * Memory in which something else happens in the middle of an access: before each access, and after each 8 bytes of a
 * longer one, `between` is called. It is how another PE that writes at the same time looks to a reader.
 */
export function interruptedMemory(bytes: Uint8Array, between: () => void): ChannelMemory {
  const plain = bufferMemory(bytes)
  return {
    length: plain.length,
    load(offset, length) {
      const copy = new Uint8Array(length)
      for (let done = 0; done < length; done += 8) {
        between()
        copy.set(bytes.subarray(offset + done, offset + Math.min(done + 8, length)), done)
      }
      return copy
    },
    store: plain.store,
    load32(offset) {
      between()
      return plain.load32(offset)
    },
    store32: plain.store32,
  }
}

/** Memory whose stores take effect one word at a time, when told to: a writer that is slow. */
export function delayedStores(bytes: Uint8Array): { readonly memory: ChannelMemory; step(): boolean; settle(): void } {
  const plain = bufferMemory(bytes)
  const pending: { offset: number; bytes: Uint8Array }[] = []
  const push = (offset: number, source: Uint8Array): void => {
    for (let done = 0; done < source.length; done += 4) {
      pending.push({ offset: offset + done, bytes: source.slice(done, done + 4) })
    }
  }
  const step = (): boolean => {
    const next = pending.shift()
    if (next !== undefined) plain.store(next.offset, next.bytes)
    return next !== undefined
  }
  return {
    memory: {
      length: plain.length,
      load: plain.load,
      load32: plain.load32,
      store: push,
      store32(offset, value) {
        const word = new Uint8Array(4)
        new DataView(word.buffer).setUint32(0, value, true)
        push(offset, word)
      },
    },
    step,
    settle() {
      while (step()) {
        // Everything that is left takes effect.
      }
    },
  }
}

/** A message that shows when it is torn or mixed: every byte depends on its number and its place. */
export function recognizable(number: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (number * 31 + index * 7 + length) & 0xff)
}
