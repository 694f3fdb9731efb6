import { address, bytes, flag, list, members, register, type Shape, tuple } from '../conformance/shape.ts'
import { parseAction } from '../conformance/trace/program.ts'
import type { Chunk } from '../conformance/trace/recording.ts'
import { hex, hexBytes } from '../conformance/trace/text.ts'

/** One thing that a host does, with nothing left to decide: what a trace file holds. */
export interface Step {
  /** The function identifier, and x1 on. */
  readonly x: readonly string[]
  /** Pages that the host writes before: zero but for chunks. */
  readonly writes?: readonly PageWrite[]
  /** A granule of the host's that root firmware takes from it, or gives back, before. */
  readonly fault?: { readonly address: string; readonly fault: boolean }
  /** What the guest does if the call enters one: actions of the same form as those of recorded traces. */
  readonly program?: readonly string[]
}

export interface PageWrite {
  readonly address: string
  readonly chunks: readonly Chunk[]
}

/** What makes a machine go wrong, and can be done again. */
export interface FuzzTrace {
  readonly mica: boolean
  readonly dramSize: number
  readonly steps: readonly Step[]
}

/** A page that is written, as steps keep it: eight bytes a chunk, those that are zero left out. */
export function writePage(page: number, content: Uint8Array): PageWrite {
  const chunks: Chunk[] = []
  for (let offset = 0; offset < content.length; offset += 8) {
    const part = content.subarray(offset, offset + 8)
    if (part.some((byte) => byte !== 0)) chunks.push([hex(offset), hexBytes(part)])
  }
  return { address: hex(page), chunks }
}

const action: Shape = (value, path) =>
  typeof value === 'string' && parseAction(value) !== undefined ? undefined : `${path} is no action`

const offset: Shape = (value, path) =>
  address(value, path) ?? (Number(value) <= 4088 ? undefined : `${path} is beyond a page`)

const step = members(
  { x: list(register) },
  {
    writes: list(members({ address, chunks: list(tuple(offset, bytes)) })),
    fault: members({ address, fault: flag }),
    program: list(action),
  },
)

/** Whole granules, and no more than a machine of this size has elsewhere. */
const dramSize: Shape = (value, path) => {
  const isSize = Number.isInteger(value) && Number(value) > 0 && Number(value) <= 2 ** 30 && Number(value) % 4096 === 0
  return isSize ? undefined : `${path} is no size of DRAM`
}

/** What a trace file looks like. */
export const FUZZ_TRACE: Shape = members({ mica: flag, dramSize, steps: list(step) })
