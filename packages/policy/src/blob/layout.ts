import type { MemoryKind, TransitionAction, TransitionClass } from '../model.ts'
import type { HashAlgorithm } from './digest.ts'

/** The blob format that this package writes and reads. */
export const BLOB_FORMAT = 2

/** Keys of the outer map. */
export const KEY = { format: 1, self: 2, peers: 3, memories: 4, transitions: 5, version: 6, assertions: 7 } as const

/** Bits of a peer's flags. */
export const FLAG = { gateway: 1, strict: 2 } as const

/** Value of a memory's options; the element is absent when there are none. */
export const OPTION_PACED = 1

/** Numbers of the words of the model. */
export const KIND_CODE: Readonly<Record<MemoryKind, number>> = { protected: 1, unprotected: 2 }
export const CLASS_CODE: Readonly<Record<TransitionClass, number>> = { call: 1, exception: 2, interrupt: 3 }
export const ACTION_CODE: Readonly<Record<TransitionAction, number>> = { block: 1, allow: 2, scrub: 3 }

/** Words of the numbers of a blob. */
export const KIND_OF: ReadonlyMap<unknown, MemoryKind> = inverse(KIND_CODE)
export const CLASS_OF: ReadonlyMap<unknown, TransitionClass> = inverse(CLASS_CODE)
export const ACTION_OF: ReadonlyMap<unknown, TransitionAction> = inverse(ACTION_CODE)

/** Bytes of a measurement under each hash algorithm. */
export const RIM_BYTES: Readonly<Record<HashAlgorithm, number>> = { 'sha-256': 32, 'sha-512': 64 }

function inverse<Word extends string>(codes: Readonly<Record<Word, number>>): ReadonlyMap<unknown, Word> {
  const words = Object.keys(codes) as Word[]
  return new Map(words.map((word) => [codes[word], word]))
}
