import type { Workflow } from '@mica/policy'
import type { PeerDeclaration } from '../declaration.ts'
import { declareCalls, declareChannels } from '../declare.ts'
import { PACKAGE } from './own-modules.ts'

/** Words that no constant can be called. `host` is no peer, so it needs no care. */
const reserved: ReadonlySet<string> = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static ' +
    'super switch this throw true try typeof var void while with yield arguments eval undefined NaN Infinity'
  ).split(' '),
)

/** What the code of each peer knows about its place in a workflow. */
export function declarationsOf(workflow: Workflow): readonly PeerDeclaration[] {
  return workflow.peers.map(({ name }, index) => ({
    workflow: workflow.name,
    peer: name,
    channels: declareChannels(workflow, index),
    calls: declareCalls(workflow, index),
  }))
}

/** The name of a peer's constant: hyphens become capitals, and a reserved word gets an underscore. */
export function constantName(peer: string): string {
  const name = peer.replace(/-+(\w?)/g, (_, next: string) => next.toUpperCase())
  return reserved.has(name) ? `${name}_` : name
}

/**
 * The module that realm code imports: for each peer a constant whose literal type says what its channels allow.
 *
 * Text for a file `NAME.mica.ts` next to `NAME.mica`. It holds no measurement, so images do not depend on each other.
 *
 * @throws RangeError when two peers would get the same constant.
 */
export function generateTypes(workflow: Workflow): string {
  const declarations = declarationsOf(workflow)
  const names = declarations.map(({ peer }) => constantName(peer))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new RangeError(`two peers would both be called ${twice} in TypeScript`)
  const constants = declarations.map((declaration, index) => constant(names[index] ?? '', declaration))
  return [
    `// Generated from the policy of workflow ${workflow.name}. Changes are overwritten.`,
    `import type { PeerDeclaration } from ${literal(PACKAGE)}`,
    ...constants,
    '',
  ].join('\n')
}

function constant(name: string, declaration: PeerDeclaration): string {
  const channels = Object.entries(declaration.channels).flatMap(([channel, value]) => [
    `    ${/^\w+$/.test(channel) ? channel : literal(channel)}: {`,
    ...Object.entries(value).map(([field, content]) => `      ${field}: ${literal(content)},`),
    '    },',
  ])
  return [
    '',
    `export const ${name} = {`,
    `  workflow: ${literal(declaration.workflow)},`,
    `  peer: ${literal(declaration.peer)},`,
    ...(channels.length === 0 ? ['  channels: {},'] : ['  channels: {', ...channels, '  },']),
    `  calls: ${literal(declaration.calls)},`,
    '} as const satisfies PeerDeclaration',
  ].join('\n')
}

/** Names of the policy language hold neither quotes nor backslashes, but a model can be made without it. */
function literal(value: string | number | boolean | readonly string[]): string {
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&').replace(/\p{Cc}/gu, '?')}'`
  return typeof value === 'object' ? `[${value.map(literal).join(', ')}]` : String(value)
}
