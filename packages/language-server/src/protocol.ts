/** The method of the request for a picture of the flows: a document and a position in it, answered by a {@link Graph}. */
export const GRAPH_REQUEST = 'mica/graph'

/** A picture of the flows of a workflow or policy. */
export interface Graph {
  readonly title: string
  /** A Mermaid flowchart. */
  readonly mermaid: string
}
