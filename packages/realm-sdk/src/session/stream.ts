import { RECORD_SIZE, type RecordContent, type RecordOpener } from './records.ts'

/**
 * A part of a stream as it arrives. The last one is never `data`: whoever reads has to look how it ended, because the
 * host can cut a stream anywhere.
 */
export type StreamPart =
  | RecordContent
  /** The host changed, repeated, moved or withheld something: what came before is genuine, what follows is unknown. */
  | { readonly kind: 'broken'; readonly reason: 'tampered' | 'truncated' }

/** A whole stream, or why there is none. */
export type WholeStream =
  | { readonly kind: 'complete'; readonly bytes: Uint8Array }
  | Exclude<StreamPart, { readonly kind: 'data' | 'end' }>
  | { readonly kind: 'too-long' }

/** Opens what arrived in the place of a stream's next record; `undefined`: it was no record at all. */
export function openPart(opener: RecordOpener, ciphertext: Uint8Array | undefined): StreamPart {
  const content = ciphertext === undefined ? undefined : opener.open(ciphertext)
  return content ?? { kind: 'broken', reason: 'tampered' }
}

/** Divides bytes into the contents of records. The contents are views. */
export function divide(bytes: Uint8Array): readonly RecordContent[] {
  return Array.from({ length: Math.ceil(bytes.length / RECORD_SIZE) }, (_, index) => {
    return { kind: 'data', bytes: bytes.subarray(index * RECORD_SIZE, (index + 1) * RECORD_SIZE) }
  })
}

/**
 * Collects a stream to its end.
 *
 * @param limit Longest stream to accept, in bytes.
 */
export async function readAll(parts: AsyncIterable<StreamPart>, limit: number): Promise<WholeStream> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const part of parts) {
    if (part.kind === 'end') return { kind: 'complete', bytes: join(chunks, length) }
    if (part.kind !== 'data') return part
    length += part.bytes.length
    if (length > limit) return { kind: 'too-long' }
    chunks.push(part.bytes)
  }
  return { kind: 'broken', reason: 'truncated' }
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
