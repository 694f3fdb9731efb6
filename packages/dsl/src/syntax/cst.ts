import type { CstElement, CstNode, IToken } from 'chevrotain'

/** Whether a part of the parser's tree is a node, and not a token. */
export function isNode(element: CstElement): element is CstNode {
  return 'children' in element
}

/** Whether a token was written, and not imagined by recovery. */
export function isWrittenToken(element: CstElement): element is IToken {
  return !isNode(element) && element.isInsertedInRecovery !== true
}

/** The nodes of one rule below a node, in order. */
export function children(node: CstNode | undefined, rule: string): CstNode[] {
  return node?.children[rule]?.filter(isNode) ?? []
}

/** The first node of one rule below a node. */
export function child(node: CstNode | undefined, rule: string): CstNode | undefined {
  return children(node, rule)[0]
}

/** The written tokens of one name directly below a node, in order. */
export function tokens(node: CstNode | undefined, name: string): IToken[] {
  return node?.children[name]?.filter(isWrittenToken) ?? []
}

/** One of the written tokens of a name directly below a node. */
export function token(node: CstNode | undefined, name: string, index = 0): IToken | undefined {
  return tokens(node, name)[index]
}
