import { TRANSFER } from '../../syndrome.ts'
import type { Processor } from './processor.ts'

/** What the first eight bytes of an image say. */
export const IMAGE_MAGIC = 'mica-pe1'

/** Magic, length of the source as a 32-bit word, a zero word. */
export const IMAGE_HEADER_SIZE = 16

/** Most bytes of source an image may have. */
export const MAX_IMAGE_SIZE: number = 8 * 1024 * 1024

/**
 * Fetches the image at `pc` as the PE fetches instructions: through stage 2, with execute permission.
 *
 * @returns The source text, or `undefined` if there is no image: a header that is not one, text that is not UTF-8, or
 *   an abort on a fetch that was answered with an exception, which no guest is there to handle.
 */
export function fetchImage(processor: Processor, pc: number): string | undefined {
  const header = fetch(processor, pc, IMAGE_HEADER_SIZE)
  if (header === undefined) return undefined
  const view = new DataView(header.buffer)
  const magic = String.fromCharCode(...header.subarray(0, IMAGE_MAGIC.length))
  const length = view.getUint32(8, true)
  if (magic !== IMAGE_MAGIC || view.getUint32(12, true) !== 0 || length > MAX_IMAGE_SIZE) return undefined
  const source = fetch(processor, pc + IMAGE_HEADER_SIZE, length)
  if (source === undefined) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(source)
  } catch {
    return undefined
  }
}

function fetch(processor: Processor, ipa: number, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length)
  while (!processor.access.fetch(ipa, bytes)) if (processor.abort(TRANSFER.none) !== 'again') return undefined
  return bytes
}
