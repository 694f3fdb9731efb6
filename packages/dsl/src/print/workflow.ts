import {
  flowGraph,
  judge,
  leakers,
  printAssertion,
  RIGHT,
  type Workflow,
  type WorkflowMemory,
  type WorkflowPeer,
} from '@mica/policy'
import { describeClocks, describeExposures, describePacing, type Exposure } from './exposure.ts'
import { printIds } from './ids.ts'
import { printRights } from './rights.ts'
import { printSize } from './size.ts'

/**
 * A workflow in words: members, channels with rights and sizes, transitions, assertions, and who has to be trusted,
 * compared with the same pipeline in plain CCA, where every peer meets the host.
 */
export function describeWorkflow(workflow: Workflow): string {
  const { name, version, peers, memories, transitions } = workflow
  const graph = flowGraph(workflow)
  const names = peers.map((peer) => peer.name)
  const judgements = judge(graph, workflow.assertions)
  const trusted = leakers(graph)
  const sections = [
    [`workflow ${name}${version === undefined ? '' : `, version ${version}`}`],
    table('members', peers.map(memberRow)),
    table(
      'channels',
      memories.map((memory) => channelRow(memory, names)),
    ),
    [
      ...table(
        'transitions to the host',
        transitions.map(({ peer, class: of, action, ranges }) => {
          return [names[peer] ?? '', `${of} ${printIds(of, ranges)}: ${action}`]
        }),
      ),
      '  what is not listed is blocked; interrupts, waiting and power-off are always visible, with nothing in them',
    ],
    table('what the host sees', describeExposures(graph).map(exposureRow)),
    table('what pacing tells', describePacing(graph).map(exposureRow)),
    table('what time tells', describeClocks(graph).map(exposureRow)),
    table(
      'assertions',
      judgements.map(({ assertion, holds, reason }) => {
        const text = printAssertion(assertion).replace(/^assert /, '')
        return holds ? ['holds', text] : ['violated', `${text}: ${reason}`]
      }),
    ),
    [
      'peers that could leak what goes in',
      `  here       ${count(trusted.length, names.length)}${trusted.length === 0 ? '' : `: ${trusted.join(', ')}`}`,
      `  plain CCA  ${count(names.length, names.length)}: ${names.join(', ')}`,
    ],
  ]
  return sections
    .filter((lines) => lines.length > 1 || lines === sections[0])
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

const exposureRow = ({ component, text }: Exposure): string[] => [component, text]

const count = (some: number, all: number): string => `${some} of ${all}`

function memberRow({ name, trusted, gateway, strict, image, rims }: WorkflowPeer): string[] {
  const words = [trusted ? 'trusted' : 'distrusted', ...(gateway ? ['gateway'] : []), ...(strict ? [] : ['open'])]
  const rim = rims.map((bytes) =>
    Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  )
  const measured = rim.length === 0 ? [] : [`rim ${rim.map((digits) => `${digits}…`).join(' or ')}`]
  const identity = [...(image === undefined ? [] : [`image ${JSON.stringify(image)}`]), ...measured]
  return [name, words.join(' '), identity.length === 0 ? 'no identity' : identity.join(', ')]
}

function channelRow(memory: WorkflowMemory, peers: readonly string[]): string[] {
  const { name, kind, granules, paced } = memory
  return [name, ends(memory, peers), printSize(granules), `${kind}${paced ? ', paced' : ''}`]
}

/** `a -> b` and `a <-> b` where the rights are those of an arrow, else each holder with its rights. */
function ends({ kind, mappings }: WorkflowMemory, peers: readonly string[]): string {
  const nameOf = ({ peer, anyCount }: WorkflowMemory['mappings'][number]): string =>
    peer === null ? `any${anyCount === undefined ? '' : `(${anyCount})`}` : (peers[peer] ?? '')
  const having = (rights: number): string[] => mappings.filter((mapping) => mapping.rights === rights).map(nameOf)
  const host = kind === 'unprotected' ? ['host'] : []
  const [writers, readers, both] = [having(RIGHT.write), having(RIGHT.read), having(RIGHT.read | RIGHT.write)]
  const { length } = mappings
  if (both.length === length && length + host.length > 1) return [...both, ...host].join(' <-> ')
  if (writers.length + readers.length === length) {
    const tail = readers.length === 0 || writers.length > 0 ? writers : host
    const head = readers.length === 0 ? host : readers
    if (tail.length > 0 && head.length > 0) return `${tail.join(', ')} -> ${head.join(', ')}`
  }
  return [...mappings.map((mapping) => `${nameOf(mapping)}: ${printRights(mapping.rights)}`), ...host].join(', ')
}

/** Rows as columns of equal width, under a title. */
function table(title: string, rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return [
    title,
    ...rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()),
  ]
}
