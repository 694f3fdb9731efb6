import { type NamedSymbol, printRights, printSize, type SymbolKind } from '@mica/dsl'
import type { WorkflowMemory } from '@mica/policy'
import type { Analysis, NamedPlace } from '../../analysis.ts'
import type { Flows } from '../../flows.ts'
import { nameList, plain, source } from '../../markdown.ts'

/** Lines of a declaration that are shown. */
const SHOWN_LINES = 20

/** Peers and memories that are described of a name that stands for many. */
const SHOWN_NAMES = 4

/** What has a place in the flow graph, or is the beginning of the name of something that has. */
const IN_THE_GRAPH: ReadonlySet<SymbolKind> = new Set(['peer', 'channel', 'memory', 'instance'])

const GRANULE_SIZE = 4096

/** What a name stands for: its declaration and doc comment; of peers and memories who can reach them and what they reach. */
export function describeSymbol({ span, symbol }: NamedPlace, analysis: Analysis): readonly string[] {
  const whole = analysis.wholeName(span)
  const statements = IN_THE_GRAPH.has(symbol.kind) ? analysis.statementsAt(span.offset) : []
  const described = statements.flatMap((flows) => {
    const known = [whole, ...symbol.elaborated].filter((name) => flows.graph.nodesOfName.has(name))
    // Where one of several is named, it alone is meant.
    const names = known[0] === whole && symbol.elaborated.includes(whole) ? [whole] : [...new Set(known)]
    const shown = names.slice(0, SHOWN_NAMES).map((name) => describeNode(name, symbol, flows))
    return names.length > SHOWN_NAMES ? [...shown, `and ${names.length - SHOWN_NAMES} more`] : shown
  })
  return [source(declarationOf(symbol, analysis)), plain(symbol.docs.join('\n')), ...described]
}

/** The item as it is written; of one with a body what stands before it. */
function declarationOf({ kind, item, name }: NamedSymbol, analysis: Analysis): string {
  if (kind === 'parameter') return `(parameter) ${name}`
  const text = analysis.textOf(item.file).slice(item.offset, item.offset + item.length)
  const hasBody = kind === 'workflow' || kind === 'policy' || kind === 'pattern'
  const lines = (hasBody ? text.slice(0, text.indexOf('{')).trim() : text).split(/\r\n|\r|\n/)
  return lines.length > SHOWN_LINES ? [...lines.slice(0, SHOWN_LINES), '…'].join('\n') : lines.join('\n')
}

function describeNode(name: string, { kind }: NamedSymbol, flows: Flows): string {
  const memory = flows.workflow.memories.find((other) => other.name === name)
  const reached = flows.reachedFrom(name)
  const reaching = flows.reaching(name)
  const visible = flows.visible(name).map(({ kind: of, through, bytes }) => {
    if (bytes === undefined) return `what it will, since it is ${through}`
    return of === 'memory'
      ? `${printSize(bytes / GRANULE_SIZE)} in \`${through}\``
      : `${bytes} bytes at each ${through}`
  })
  return [
    ...(memory === undefined ? [`peer \`${name}\``] : describeMemory(memory, flows)),
    `reaches ${reached.length === 0 ? 'nobody' : nameList(reached)}`,
    `reached by ${reaching.length === 0 ? 'nobody' : nameList(reaching)}`,
    ...(kind === 'peer' && flows.leaks(name) ? ['could hand data to the host: it has to be trusted'] : []),
    ...(visible.length === 0 ? [] : [`the host sees ${visible.join(', ')}`]),
  ].join('  \n')
}

function describeMemory({ name, kind, granules, paced, mappings }: WorkflowMemory, { workflow }: Flows): string[] {
  const places = new Set(mappings.map(({ ipaGranule }) => ipaGranule))
  const [granule] = places
  const isPlaced = places.size === 1 && granule !== undefined && granule !== null
  const at = isPlaced ? ` at \`0x${(granule * GRANULE_SIZE).toString(16)}\`` : ''
  const holders = mappings.map(({ peer, rights, anyCount }) => {
    const holder =
      peer === null ? `any${anyCount === undefined ? '' : `(${anyCount})`}` : (workflow.peers[peer]?.name ?? '')
    return `\`${holder}\`: ${printRights(rights)}`
  })
  return [
    `${kind} memory \`${name}\`, ${printSize(granules)}${at}${paced ? ', paced' : ''}`,
    [...holders, ...(kind === 'unprotected' ? ['`host`: read write'] : [])].join(', '),
  ]
}
