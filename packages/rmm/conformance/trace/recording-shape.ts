import { DEFAULT_DRAM, GRANULE_SIZE } from '@mica/hw-sim'
import { address, bytes, count, either, flag, list, members, nothing, record, register, text, tuple } from '../shape.ts'
import { parseAction } from './program.ts'
import type { Chunk, Readback, Recording } from './recording.ts'
import { hex } from './text.ts'

const chunks = list(tuple(address, bytes))

const memoryEvent = members({ addr: address }, { size: count, chunks, fill: count, pas_fault: flag })

const realm = members({}, { state: text, rim: bytes, rem: list(bytes) })

const otherPeCall = members({ fid: register, args: list(register), x: list(either(nothing, register)) })

const entry = members(
  { pc: register, in: list(register), act: text },
  {
    hcr: register,
    esr_el1: register,
    far_el1: register,
    elr_el1: register,
    out: list(register),
    during: list(members({}, { other_pe_rmi: otherPeCall })),
  },
)

const readback = members(
  { addr: address },
  { size: count, hex: bytes, fill: count, all_zero: flag, matches: flag, chunks },
)

const call = members(
  {
    i: count,
    name: text,
    fid: register,
    args: list(register),
    ret: tuple(register, register, register, register, register),
  },
  {
    mem: list(memoryEvent),
    status: text,
    index: count,
    granules: list(members({ addr: address, state: text })),
    realms: record(either(nothing, realm)),
    realm_program: list(text),
    realm_program_unused: count,
    realm: list(entry),
    exit: record(either(register, list(register))),
    readback,
    note: text,
  },
)

const recording = members({ name: text, platform_cfg: record(register), calls: list(call) }, { n_calls: count })

/** What is wrong with a value that should be a recording, if something is. */
export function recordingProblem(value: unknown): string | undefined {
  const problem = recording(value, '')
  if (problem !== undefined) return problem
  const { calls, n_calls = calls.length } = value as Recording
  if (n_calls !== calls.length) return `n_calls is ${n_calls}, but there are ${calls.length} calls`
  for (const [i, { mem = [], readback, granules = [], realm_program = [] }] of calls.entries()) {
    const event = mem.findIndex((each) => !isInDram(each.addr, each.size ?? 1) || !chunksFit(each))
    if (event !== -1) return `calls[${i}].mem[${event}] is not in memory`
    if (readback !== undefined && !isReadable(readback)) return `calls[${i}].readback is not in memory`
    const granule = granules.findIndex(({ addr }) => !isInDram(addr, GRANULE_SIZE))
    if (granule !== -1) return `calls[${i}].granules[${granule}] is not in memory`
    const line = realm_program.findIndex((each) => !isAction(each))
    if (line !== -1) return `calls[${i}].realm_program[${line}] is no action: ${realm_program[line]}`
  }
  return undefined
}

function isInDram(addr: string, size: number): boolean {
  const start = Number(addr) - DEFAULT_DRAM.base
  return start >= 0 && start + size <= DEFAULT_DRAM.size
}

function chunksFit({ size = 0, chunks = [] }: { readonly size?: number; readonly chunks?: readonly Chunk[] }): boolean {
  return chunks.every(([offset, hex]) => Number(offset) + hex.length / 2 <= size)
}

function isReadable({ addr, size = GRANULE_SIZE, hex, chunks = [] }: Readback): boolean {
  const length = hex === undefined ? size : hex.length / 2
  return isInDram(addr, length) && chunksFit({ size: length, chunks })
}

function isAction(line: string): boolean {
  const action = parseAction(line)
  if (action === undefined) return false
  switch (action.do) {
    case 'wpa':
      return isInDram(hex(action.address), action.bytes.length)
    case 'pasfault':
      return isInDram(hex(action.address), 1)
    default:
      return true
  }
}
