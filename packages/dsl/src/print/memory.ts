import { type Mapping, type Memory, RIGHT } from '@mica/policy'
import { printHex } from './literal.ts'
import { printRights } from './rights.ts'
import { printSize } from './size.ts'

const GRANULE_SIZE = 4096
const BOTH = RIGHT.read | RIGHT.write

/** A memory as a channel where an arrow says what its mappings are, in their order; else in the long form. */
export function printMemory(memory: Memory, peers: readonly string[]): string {
  const { name, kind, granules, mappings, paced } = memory
  const size = printSize(granules)
  const pace = paced ? ' paced' : ''
  const arrow = printArrow(memory, peers)
  const [first] = mappings
  if (arrow !== undefined && mappings.every(({ ipaGranule }) => ipaGranule === first?.ipaGranule)) {
    return `channel ${name} ${arrow} ${size}${printAddress(first?.ipaGranule ?? null)}${pace}`
  }
  const listed = mappings.map((mapping) => {
    return `${printHolder(mapping, peers)}: ${printRights(mapping.rights)}${printAddress(mapping.ipaGranule)}`
  })
  return `memory ${name} ${kind} ${size} { ${listed.join(', ')} }${pace}`
}

/** Ends and arrow, if there is one that gives these rights in this order. */
function printArrow({ kind, mappings, paced }: Memory, peers: readonly string[]): string | undefined {
  const names = mappings.map((mapping) => printHolder(mapping, peers))
  const writers = mappings.findIndex(({ rights }) => rights !== RIGHT.write)
  const tail = writers < 0 ? names.length : writers
  const allBoth = mappings.every(({ rights }) => rights === BOTH)
  const oneWay = mappings.slice(tail).every(({ rights }) => rights === RIGHT.read)
  if (names.length === 0) return undefined
  if (kind === 'unprotected') {
    if (allBoth) return `${side(names)} <-> host`
    if (!oneWay || paced || (tail > 0 && tail < names.length)) return undefined
    return tail > 0 ? `${side(names)} -> host` : `host -> ${side(names)}`
  }
  if (allBoth && names.length > 1) return `${side(names.slice(0, 1))} <-> ${side(names.slice(1))}`
  if (!oneWay || tail === 0 || tail === names.length) return undefined
  return `${side(names.slice(0, tail))} -> ${side(names.slice(tail))}`
}

const side = (names: readonly string[]): string => (names.length === 1 ? names.join() : `(${names.join(', ')})`)

/** Whom a mapping is for: the name of its peer, `any` or `any(2)`. */
export function printHolder({ peer, anyCount }: Mapping, peers: readonly string[]): string {
  if (peer !== null) return peers[peer] ?? ''
  return anyCount === undefined ? 'any' : `any(${anyCount})`
}

function printAddress(ipaGranule: number | null): string {
  return ipaGranule === null ? '' : ` at ${printHex(ipaGranule * GRANULE_SIZE)}`
}
