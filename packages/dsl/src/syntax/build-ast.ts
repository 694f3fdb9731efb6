import type { CstNode } from 'chevrotain'
import type { Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type * as ast from './ast.ts'
import { type Comment, docsBefore } from './comments.ts'
import { child, children, isNode, isWrittenToken, token, tokens } from './cst.ts'
import { LiteralReader } from './literal-reader.ts'
import type { SourceText, Span } from './span.ts'
import { capitalised } from './tokens.ts'

const RIGHT_WORDS = ['read', 'write', 'execute', 'owner'] as const

/**
 * Makes the syntax tree out of the parser's, reading numbers, digests and strings on the way.
 *
 * Parts that recovery left out are `undefined`, and items without a name are left out.
 */
export function buildAst(
  tree: CstNode,
  source: SourceText,
  comments: readonly Comment[],
  report: Report,
): ast.SourceFile {
  const builder = new AstBuilder(source, comments, report)
  return { items: children(tree, 'fileItem').flatMap((node) => builder.fileItem(node)) }
}

class AstBuilder {
  readonly #source: SourceText
  readonly #comments: readonly Comment[]
  readonly #report: Report
  readonly #read: LiteralReader

  constructor(source: SourceText, comments: readonly Comment[], report: Report) {
    this.#source = source
    this.#comments = comments
    this.#report = report
    this.#read = new LiteralReader(source, report)
  }

  fileItem(node: CstNode): ast.FileItem[] {
    const workflow = child(node, 'workflow')
    if (workflow !== undefined) return this.#workflow(workflow)
    const policy = child(node, 'policyView')
    if (policy !== undefined) return this.#policy(policy)
    const imported = child(node, 'importFile')
    if (imported !== undefined) return this.#import(imported)
    const pattern = child(node, 'pattern')
    if (pattern !== undefined) return this.#pattern(pattern)
    return children(node, 'item').flatMap((item) => this.#item(item))
  }

  #workflow(node: CstNode): ast.WorkflowItem[] {
    const name = this.#read.identifier(token(node, 'Name'))
    if (name === undefined) return []
    return [{ kind: 'workflow', ...this.#written(node), name, items: this.#body(node) }]
  }

  #policy(node: CstNode): ast.PolicyItem[] {
    const [name, peer] = tokens(node, 'Name').map((written) => this.#read.identifier(written))
    if (name === undefined || peer === undefined) return []
    return [{ kind: 'policy', ...this.#written(node), name, peer, items: this.#body(node) }]
  }

  #import(node: CstNode): ast.ImportItem[] {
    const written = token(node, 'String')
    const text = written && this.#read.string(written)
    if (written === undefined || text === undefined) return []
    return [{ kind: 'import', ...this.#written(node), path: { text, span: this.#read.tokenSpan(written) } }]
  }

  #pattern(node: CstNode): ast.PatternItem[] {
    const [name, ...parameters] = tokens(node, 'Name').flatMap((written) => this.#read.identifier(written) ?? [])
    if (name === undefined) return []
    return [{ kind: 'pattern', ...this.#written(node), name, parameters, items: this.#body(node) }]
  }

  #use(node: CstNode): ast.UseItem[] {
    const [pattern, instance] = tokens(node, 'Name').map((written) => this.#read.identifier(written))
    if (pattern === undefined || instance === undefined) return []
    const args = children(node, 'argument').map((argument): ast.Argument | undefined => {
      const host = token(argument, 'Host')
      if (host !== undefined) return { kind: 'host', span: this.#read.tokenSpan(host) }
      return this.#read.value(child(argument, 'value'))
    })
    return [{ kind: 'use', ...this.#written(node), pattern, args, instance }]
  }

  #body(node: CstNode): ast.Item[] {
    return children(child(node, 'body'), 'item').flatMap((item) => this.#item(item))
  }

  #item(node: CstNode): ast.Item[] {
    const inner = Object.values(node.children).flat().find(isNode)
    switch (inner?.name) {
      case 'letItem':
        return this.#named(inner, (name) => ({
          kind: 'let',
          ...this.#written(inner),
          name,
          value: this.#read.value(child(inner, 'value')),
        }))
      case 'versionItem':
        return [{ kind: 'version', ...this.#written(inner), value: this.#read.value(child(inner, 'value')) }]
      case 'peerItem':
        return this.#named(inner, (name) => this.#peer(inner, name))
      case 'channelItem':
        return this.#named(inner, (name) => this.#channel(inner, name))
      case 'memoryItem':
        return this.#named(inner, (name) => this.#memory(inner, name))
      case 'transitionItem':
        return this.#named(inner, (peer) => ({
          kind: 'transition',
          ...this.#written(inner),
          peer,
          rules: children(inner, 'transitionRule').flatMap((rule) => this.#transitionRule(rule)),
        }))
      case 'assertItem':
        return this.#asserted(inner) ?? [this.#assertion(inner)]
      case 'useItem':
        return this.#use(inner)
      default:
        return []
    }
  }

  #peer(node: CstNode, name: ast.Identifier): ast.PeerItem {
    const modifiers = children(node, 'peerModifier').flatMap((modifier): ast.Modifier[] => {
      const written = Object.values(modifier.children).flat().filter(isWrittenToken)
      return written.map((token) => ({ word: token.image, span: this.#read.tokenSpan(token) }))
    })
    for (const [index, { word, span }] of modifiers.entries()) {
      const first = modifiers.findIndex((modifier) => modifier.word === word)
      if (first === index) continue
      const facts = { name: word, where: 'front of `peer`', first: modifiers[first]?.span ?? span }
      this.#report(messages.listedTwice(facts, span))
    }
    const has = (word: string): boolean => modifiers.some((modifier) => modifier.word === word)
    return {
      kind: 'peer',
      ...this.#written(node),
      name,
      trusted: has('trusted'),
      gateway: has('gateway'),
      open: has('open'),
      modifiers,
      identity: this.#identity(node),
      rpv: this.#read.rpv(child(node, 'rpvValue')),
    }
  }

  #identity(node: CstNode): ast.PeerIdentity | undefined {
    const image = token(node, 'String')
    if (token(node, 'Image') !== undefined && image !== undefined) {
      const path = this.#read.string(image)
      return path === undefined ? undefined : { kind: 'image', path, span: this.#read.tokenSpan(image) }
    }
    const rim = token(node, 'Rim')
    if (rim !== undefined) {
      const rims = tokens(node, 'Digest').flatMap((digest) => this.#read.digest(digest))
      return rims.length === 0 ? undefined : { kind: 'rim', rims, span: this.#read.tokenSpan(rim) }
    }
    const label = token(node, 'Number')
    if (label === undefined) return undefined
    const number = this.#read.number(label)
    return number === undefined ? undefined : { kind: 'label', label: number, span: this.#read.tokenSpan(label) }
  }

  #channel(node: CstNode, name: ast.Identifier): ast.ChannelItem {
    const [tail, head] = children(node, 'side')
    const oneWay = token(node, 'OneWay') !== undefined
    const bothWays = token(node, 'BothWays') !== undefined
    return {
      kind: 'channel',
      ...this.#written(node),
      name,
      tail: children(tail, 'endpoint').flatMap((endpoint) => this.#endpoint(endpoint)),
      head: children(head, 'endpoint').flatMap((endpoint) => this.#endpoint(endpoint)),
      arrow: oneWay ? 'one-way' : bothWays ? 'both-ways' : undefined,
      size: this.#read.value(child(node, 'value')),
      at: this.#read.value(child(child(node, 'address'), 'value')),
      paced: this.#paced(node),
    }
  }

  #paced(node: CstNode): Span | undefined {
    const written = token(node, 'Paced')
    return written && this.#read.tokenSpan(written)
  }

  /** The end of a channel, or the holder of a mapping: both rules have the same parts. */
  #endpoint(node: CstNode): ast.Endpoint[] {
    const name = this.#read.identifier(token(node, 'Name'))
    if (name !== undefined) return [{ kind: 'peer', name, span: name.span }]
    const host = token(node, 'Host')
    if (host !== undefined) return [{ kind: 'host', span: this.#read.tokenSpan(host) }]
    const anyone = child(node, 'anyone')
    if (token(anyone, 'Any') === undefined || anyone === undefined) return []
    const each = token(node, 'Each') !== undefined
    const count = this.#read.value(child(anyone, 'value'))
    return [{ kind: 'any', count, each, span: this.#read.nodeSpan(each ? node : anyone) }]
  }

  #memory(node: CstNode, name: ast.Identifier): ast.MemoryItem {
    return {
      kind: 'memory',
      ...this.#written(node),
      name,
      memoryKind: this.#read.identifier(token(node, 'Name', 1)) ?? { text: '', span: name.span },
      size: this.#read.value(child(node, 'value')),
      mappings: children(node, 'mapping').flatMap((mapping) => this.#mapping(mapping)),
      paced: this.#paced(node),
    }
  }

  #mapping(node: CstNode): ast.MappingItem[] {
    const [holder] = this.#endpoint(node)
    const rights = children(node, 'right').flatMap((right) => {
      return RIGHT_WORDS.flatMap((word) =>
        tokens(right, capitalised(word)).map((written) => ({ word, span: this.#read.tokenSpan(written) })),
      )
    })
    if (holder === undefined || rights.length === 0) return []
    return [
      { holder, rights, at: this.#read.value(child(child(node, 'address'), 'value')), span: this.#read.nodeSpan(node) },
    ]
  }

  #transitionRule(node: CstNode): ast.TransitionRule[] {
    const [klass, action] = tokens(node, 'Name').map((name) => this.#read.identifier(name))
    const ids = children(node, 'identifiers').flatMap((id) => this.#transitionId(id))
    if (klass === undefined || action === undefined) return []
    return [{ class: klass, ids, action, span: this.#read.nodeSpan(node) }]
  }

  #transitionId(node: CstNode): ast.TransitionId[] {
    const span = this.#read.nodeSpan(node)
    const name = this.#read.identifier(token(node, 'Name'))
    if (name !== undefined) return [{ kind: 'name', name, span }]
    if (token(node, 'Star') !== undefined) return [{ kind: 'rest', span }]
    const numbers = tokens(node, 'Number')
    const [first, last = first] = numbers.map((number) => this.#read.number(number))
    return first === undefined || last === undefined ? [] : [{ kind: 'range', first, last, span }]
  }

  /** The item of a digest, or nothing if the assertion is written out. */
  #asserted(node: CstNode): ast.AssertedItem[] | undefined {
    const written = token(child(node, 'property'), 'Digest')
    if (written === undefined) return undefined
    return this.#read.digest(written).map((digest) => ({ kind: 'asserted', ...this.#written(node), digest }))
  }

  #assertion(node: CstNode): ast.AssertItem {
    const reason = token(node, 'String')
    return {
      kind: 'assert',
      ...this.#written(node),
      reason: reason === undefined ? undefined : this.#read.string(reason),
      property: this.#property(child(node, 'property')),
      confined: this.#nodes(child(node, 'nodes')),
    }
  }

  #property(node: CstNode | undefined): ast.PropertyItem | undefined {
    if (token(node, 'Closed') !== undefined) return { kind: 'closed' }
    const inner = Object.values(node?.children ?? {})
      .flat()
      .find(isNode)
    const [first, second] = children(inner, 'node').map((name) => this.#node(name))
    const listed = this.#nodes(child(inner, 'nodes'))
    switch (inner?.name) {
      case 'acyclic':
        return { kind: 'acyclic', except: listed }
      case 'isolated':
        return first && second && { kind: 'isolated', a: first, b: second, except: listed }
      case 'quiet':
        return first && { kind: 'quiet', peer: first }
      case 'members': {
        if (listed.length === 0 && token(inner, 'None') === undefined) return undefined
        return { kind: token(inner, 'Gateways') === undefined ? 'leakers-are' : 'gateways-are', names: listed }
      }
      case 'reach': {
        if (first === undefined || second === undefined) return undefined
        if (token(inner, 'Never') !== undefined)
          return { kind: 'never-reaches', from: first, to: second, except: listed }
        if (token(inner, 'Only') === undefined) return { kind: 'reaches', from: first, to: second }
        return listed.length === 0 ? undefined : { kind: 'reaches-only-via', from: first, to: second, via: listed }
      }
      default:
        return undefined
    }
  }

  #nodes(node: CstNode | undefined): ast.NodeName[] {
    return children(node, 'node').flatMap((name) => this.#node(name) ?? [])
  }

  #node(node: CstNode): ast.NodeName | undefined {
    return this.#read.identifier(token(node, 'Name') ?? token(node, 'Host'))
  }

  #named<I extends ast.Item>(node: CstNode, build: (name: ast.Identifier) => I): I[] {
    const name = this.#read.identifier(token(node, 'Name'))
    return name === undefined ? [] : [build(name)]
  }

  #written(node: CstNode): { span: Span; docs: readonly string[] } {
    const span = this.#read.nodeSpan(node)
    return { span, docs: docsBefore(this.#comments, span.offset, this.#source.text) }
  }
}
