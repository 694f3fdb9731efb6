import type { Workflow } from '@mica/policy'
import { EDGE_LINES, EDGE_MEANINGS, FAINT, INK, NODE_COLORS, NODE_MEANINGS } from './palette.ts'
import { type EdgeLook, type NodeLook, type Picture, type PictureEdge, type PictureNode, pictureOf } from './picture.ts'

/** Graphviz knows the widths of this font; whoever draws may have another of the same widths. */
const FONT = 'Arial'

/** The picture of a workflow in the DOT language of Graphviz: the same text for the same workflow. */
export function printDot(workflow: Workflow): string {
  const picture = pictureOf(workflow)
  return `${[
    `digraph ${quoted(picture.title)} {`,
    `  graph [rankdir=LR, bgcolor="white", fontname=${quoted(FONT)}, fontsize=11, fontcolor="${INK}", nodesep=0.55, ranksep=1.05, pad=0.35, labelloc=b, label=<${legend(picture)}>]`,
    `  node [shape=box, style="rounded,filled", fontname=${quoted(FONT)}, fontsize=13, fontcolor="${INK}", penwidth=1.4, margin="0.22,0.13"]`,
    `  edge [fontname=${quoted(FONT)}, fontsize=10.5, fontcolor="${INK}", arrowsize=0.8]`,
    '',
    ...picture.nodes.map(printNode),
    '',
    ...picture.edges.map(printEdge),
    '}',
  ].join('\n')}\n`
}

const SHAPES: Partial<Readonly<Record<NodeLook, string>>> = { any: 'ellipse', memory: 'cylinder', host: 'box' }

function printNode({ id, lines, look, unbounded }: PictureNode): string {
  const { fill, border } = NODE_COLORS[look]
  const shape = SHAPES[look] ?? 'box'
  const rounded = shape === 'box' && look !== 'host' ? 'rounded,filled' : 'filled'
  const style = unbounded ? `${rounded},dashed` : rounded
  const [name = '', ...more] = lines
  const small = more.map((line) => `<br/><font point-size="10" color="${FAINT}">${escaped(line)}</font>`)
  return `  ${quoted(id)} [label=<<b>${escaped(name)}</b>${small.join('')}>, shape=${shape}, style="${style}", fillcolor="${fill}", color="${border}"]`
}

function printEdge({ from, to, bothWays, lines, look }: PictureEdge): string {
  const { color, style, width } = EDGE_LINES[look]
  const [name, ...more] = lines
  const small = more.map((line) => `<br/><font color="${FAINT}">${escaped(line)}</font>`)
  // A thin last line lifts the text off the edge.
  const gap = '<br/><font point-size="4"> </font>'
  const label = name === undefined ? [] : [`label=<${escaped(name)}${small.join('')}${gap}>`]
  const attributes = [
    ...label,
    `color="${color}"`,
    `style=${style}`,
    `penwidth=${width}`,
    ...(bothWays ? ['dir=both'] : []),
    // What runs backwards says nothing about who comes first.
    ...(look === 'paced' ? ['constraint=false'] : []),
  ]
  return `  ${quoted(from)} -> ${quoted(to)} [${attributes.join(', ')}]`
}

/** A caption with every look that the picture has. */
function legend({ title, nodes, edges }: Picture): string {
  const looks = <Look extends string>(meanings: Readonly<Record<Look, string>>, used: readonly Look[]): Look[] =>
    (Object.keys(meanings) as Look[]).filter((look) => used.includes(look))
  const nodeRows = looks(
    NODE_MEANINGS,
    nodes.map(({ look }) => look),
  ).map((look: NodeLook) => {
    const { fill, border } = NODE_COLORS[look]
    return row(
      `<td bgcolor="${fill}" color="${border}" border="1" width="26" height="12" fixedsize="true"></td>`,
      NODE_MEANINGS[look],
    )
  })
  const edgeRows = looks(
    EDGE_MEANINGS,
    edges.map(({ look }) => look),
  ).map((look: EdgeLook) => {
    const { color, style } = EDGE_LINES[look]
    const line = { solid: '──▶', dashed: '╌╌▶', dotted: '┈┈▶' }[style]
    return row(`<td width="34"><font color="${color}">${line}</font></td>`, EDGE_MEANINGS[look])
  })
  const rows = Math.max(nodeRows.length, edgeRows.length)
  const empty = '<td></td><td></td>'
  const body = Array.from(
    { length: rows },
    (_, i) => `<tr>${nodeRows[i] ?? empty}<td width="34"></td>${edgeRows[i] ?? empty}</tr>`,
  )
  const heading = `<tr><td colspan="5" height="30" valign="bottom"><font point-size="14"><b>${escaped(title)}</b></font></td></tr>`
  return `<table border="0" cellborder="0" cellspacing="3" cellpadding="1">${heading}${body.join('')}</table>`
}

function row(sample: string, meaning: string): string {
  return `${sample}<td align="left"><font color="${FAINT}">${escaped(meaning)}</font></td>`
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replace(/\p{C}/gu, '?')}"`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`).replace(/\p{C}/gu, '?')
}
