import type { Workflow } from '@mica/policy'
import { EDGE_LINES, EDGE_MEANINGS, INK, NODE_COLORS, NODE_MEANINGS } from './palette.ts'
import { type EdgeLook, type NodeLook, type PictureEdge, type PictureNode, pictureOf } from './picture.ts'

/** The picture of a workflow as a Mermaid flowchart: the same text for the same workflow. */
export function printMermaid(workflow: Workflow): string {
  const { title, description, nodes, edges } = pictureOf(workflow)
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]))
  const unbounded = nodes.flatMap((node) => (node.unbounded ? [ids.get(node.id)] : []))
  const nodeLooks = (Object.keys(NODE_COLORS) as NodeLook[]).filter((look) => nodes.some((node) => node.look === look))
  const edgeLooks = (Object.keys(EDGE_LINES) as EdgeLook[]).filter((look) => edges.some((edge) => edge.look === look))
  return `${[
    'flowchart LR',
    `  accTitle: ${escaped(title)}`,
    `  accDescr: ${escaped(description)}`,
    ...nodes.map((node) => `  ${ids.get(node.id)}${printNode(node)}`),
    ...edges.map((edge) => `  ${ids.get(edge.from)} ${printArrow(edge)} ${ids.get(edge.to)}`),
    '  subgraph legend',
    '    direction LR',
    ...nodeLooks.map((look) => `    legend_${look}["${NODE_MEANINGS[look]}"]:::${look}`),
    ...edgeLooks.map((look) => `    legend_${look}["${sampleOf(look)} ${EDGE_MEANINGS[look]}"]:::${look}_line`),
    '  end',
    ...nodeLooks.map((look) => {
      const { fill, border } = NODE_COLORS[look]
      return `  classDef ${look} fill:${fill},stroke:${border},color:${INK}`
    }),
    ...edgeLooks.map((look) => `  classDef ${look}_line fill:none,stroke:none,color:${EDGE_LINES[look].color}`),
    ...(unbounded.length === 0
      ? []
      : ['  classDef unbounded stroke-dasharray:5 4', `  class ${unbounded.join()} unbounded`]),
    ...edges.map((edge, index) => {
      const { color, width } = EDGE_LINES[edge.look]
      return `  linkStyle ${index} stroke:${color},stroke-width:${width}px`
    }),
  ].join('\n')}\n`
}

function printNode({ lines, look }: PictureNode): string {
  const [name = '', ...more] = lines.map(escaped)
  const text = `"<b>${name}</b>${more.map((line) => `<br/><small>${line}</small>`).join('')}"`
  const shaped = look === 'memory' ? `[(${text})]` : look === 'any' ? `([${text}])` : `[${text}]`
  return `${shaped}:::${look}`
}

function printArrow({ bothWays, lines, look }: PictureEdge): string {
  const line = EDGE_LINES[look].style === 'solid' ? '--' : '-.-'
  const arrow = `${bothWays ? '<' : ''}${line}>`
  return lines.length === 0 ? arrow : `${arrow}|"${lines.map(escaped).join('<br/>')}"|`
}

function sampleOf(look: EdgeLook): string {
  return { solid: '──▶', dashed: '╌╌▶', dotted: '┈┈▶' }[EDGE_LINES[look].style]
}

function escaped(text: string): string {
  return text.replace(/[&<>"#;]/g, (character) => `#${character.codePointAt(0)};`).replace(/\p{C}/gu, '?')
}
