import type { EdgeLook, NodeLook } from './picture.ts'

/** Fill and border of a node. */
export interface NodeColors {
  readonly fill: string
  readonly border: string
}

/** The paper's colours: what is trusted is green, what is not yellow, the host red. */
export const NODE_COLORS: Readonly<Record<NodeLook, NodeColors>> = {
  trusted: { fill: '#d7ecd0', border: '#4c8a3c' },
  distrusted: { fill: '#fdf1c7', border: '#b8962b' },
  host: { fill: '#f7d2cf', border: '#b23b32' },
  any: { fill: '#ececec', border: '#7a7a7a' },
  memory: { fill: '#e6eef8', border: '#5b7fa6' },
}

export const INK = '#26292e'
export const FAINT = '#6b7280'

/** Line of an edge: its colour, and how it is drawn where a printer can. */
export const EDGE_LINES: Readonly<
  Record<EdgeLook, { readonly color: string; readonly style: 'solid' | 'dashed' | 'dotted'; readonly width: number }>
> = {
  channel: { color: '#3b4048', style: 'solid', width: 1.3 },
  unprotected: { color: '#b23b32', style: 'solid', width: 1.8 },
  allow: { color: '#c2571a', style: 'solid', width: 1.8 },
  scrub: { color: '#8a8f98', style: 'dotted', width: 1.3 },
  open: { color: '#b23b32', style: 'dashed', width: 1.3 },
  paced: { color: '#5b7fa6', style: 'dotted', width: 1.6 },
}

/** What each look means, in the order of a legend. */
export const NODE_MEANINGS: Readonly<Record<NodeLook, string>> = {
  trusted: 'trusted: the author answers for its code',
  distrusted: 'distrusted',
  host: 'the host, which everybody distrusts',
  any: 'components that the policy does not name',
  memory: 'memory that several share',
}
export const EDGE_MEANINGS: Readonly<Record<EdgeLook, string>> = {
  channel: 'channel: from who writes to who reads',
  unprotected: 'memory that the host can reach',
  allow: 'a transition that tells the host something',
  scrub: 'a transition whose contents are scrubbed',
  open: 'not bounded by this policy',
  paced: 'the reader may ask for one more',
}
