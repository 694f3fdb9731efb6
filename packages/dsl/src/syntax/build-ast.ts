import type { CstElement, CstNode, IToken } from 'chevrotain'
import type { Report } from '../diagnostic.ts'
import * as messages from '../diagnostics.ts'
import type * as ast from './ast.ts'
import { type Comment, docsBefore } from './comments.ts'
import { readHex, readNumber, readString } from './literals.ts'
import type { SourceText, Span } from './span.ts'
import { capitalised, MalformedNumber, UnterminatedString } from './tokens.ts'

const RIGHT_WORDS = ['read', 'write', 'execute', 'owner'] as const

/** Bytes of a realm personalization value. */
const RPV_LENGTH = 64

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

  constructor(source: SourceText, comments: readonly Comment[], report: Report) {
    this.#source = source
    this.#comments = comments
    this.#report = report
  }

  fileItem(node: CstNode): ast.FileItem[] {
    const workflow = child(node, 'workflow')
    if (workflow !== undefined) return this.#workflow(workflow)
    const policy = child(node, 'policyView')
    if (policy !== undefined) return this.#unsupported(policy, 'policy')
    const imported = child(node, 'importFile')
    if (imported !== undefined) return this.#unsupported(imported, 'import')
    const pattern = child(node, 'pattern')
    if (pattern !== undefined) return this.#unsupported(pattern, 'pattern')
    return children(node, 'item').flatMap((item) => this.#item(item))
  }

  #workflow(node: CstNode): ast.FileItem[] {
    const name = this.#identifier(token(node, 'Name'))
    if (name === undefined) return []
    const items = children(child(node, 'body'), 'item').flatMap((item) => this.#item(item))
    return [{ kind: 'workflow', ...this.#written(node), name, items }]
  }

  #unsupported(node: CstNode, keyword: ast.UnsupportedItem['keyword']): ast.UnsupportedItem[] {
    return [{ kind: 'unsupported', ...this.#written(node), keyword }]
  }

  #item(node: CstNode): ast.Item[] {
    const inner = Object.values(node.children).flat().find(isNode)
    switch (inner?.name) {
      case 'letItem':
        return this.#named(inner, (name) => ({
          kind: 'let',
          ...this.#written(inner),
          name,
          value: this.#value(child(inner, 'value')),
        }))
      case 'versionItem':
        return [{ kind: 'version', ...this.#written(inner), value: this.#value(child(inner, 'value')) }]
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
        return [this.#assertion(inner)]
      case 'useItem':
        return this.#unsupported(inner, 'use')
      default:
        return []
    }
  }

  #peer(node: CstNode, name: ast.Identifier): ast.PeerItem {
    const modifiers = children(node, 'peerModifier').flatMap((modifier) => {
      return Object.values(modifier.children).flat().filter(isWrittenToken)
    })
    for (const [index, { image: word, startOffset }] of modifiers.entries()) {
      const first = modifiers.find((modifier) => modifier.image === word)
      if (first === undefined || modifiers.indexOf(first) === index) continue
      const span = this.#source.span(startOffset, startOffset + word.length)
      this.#report(messages.listedTwice({ name: word, where: 'front of `peer`', first: this.#tokenSpan(first) }, span))
    }
    const has = (word: string): boolean => modifiers.some((modifier) => modifier.image === word)
    return {
      kind: 'peer',
      ...this.#written(node),
      name,
      trusted: has('trusted'),
      gateway: has('gateway'),
      open: has('open'),
      identity: this.#identity(node),
      rpv: this.#rpv(child(node, 'rpvValue')),
    }
  }

  #identity(node: CstNode): ast.PeerIdentity | undefined {
    const image = token(node, 'String')
    if (token(node, 'Image') !== undefined && image !== undefined) {
      const path = this.#string(image)
      return path === undefined ? undefined : { kind: 'image', path, span: this.#tokenSpan(image) }
    }
    const rim = token(node, 'Rim')
    if (rim !== undefined) {
      const rims = tokens(node, 'Digest').flatMap((digest) => this.#digest(digest))
      return rims.length === 0 ? undefined : { kind: 'rim', rims, span: this.#tokenSpan(rim) }
    }
    const label = token(node, 'Number')
    if (label === undefined) return undefined
    const number = this.#number(label)
    return number === undefined ? undefined : { kind: 'label', label: number, span: this.#tokenSpan(label) }
  }

  #digest(digest: IToken): ast.DigestLiteral[] {
    const span = this.#tokenSpan(digest)
    const [algorithm = '', digits = ''] = digest.image.split(':')
    const expected = algorithm === 'sha256' ? 64 : 128
    const bytes = digits.length === expected ? readHex(digits) : undefined
    if (bytes !== undefined) return [{ bytes, span }]
    this.#report(messages.malformedDigest({ algorithm, expected, found: digits.length }, span))
    return []
  }

  #rpv(node: CstNode | undefined): ast.PeerItem['rpv'] {
    const hex = token(node, 'HexString')
    const text = token(node, 'String')
    const written = hex ?? text
    if (written === undefined) return undefined
    const span = this.#tokenSpan(written)
    let bytes: Uint8Array | undefined
    if (hex !== undefined) {
      bytes = readHex(hex.image.slice('hex:'.length))
      if (bytes === undefined) this.#report(messages.malformedHex(span))
    } else if (text !== undefined) {
      const value = this.#string(text)
      bytes = value === undefined ? undefined : new TextEncoder().encode(value)
    }
    if (bytes === undefined) return undefined
    if (bytes.length > RPV_LENGTH) {
      this.#report(messages.rpvTooLong({ length: bytes.length, limit: RPV_LENGTH }, span))
      return undefined
    }
    const padded = new Uint8Array(RPV_LENGTH)
    padded.set(bytes)
    return { bytes: padded, span }
  }

  #channel(node: CstNode, name: ast.Identifier): ast.ChannelItem {
    const [tail, head] = children(node, 'side')
    const paced = token(node, 'Paced')
    const oneWay = token(node, 'OneWay') !== undefined
    const bothWays = token(node, 'BothWays') !== undefined
    return {
      kind: 'channel',
      ...this.#written(node),
      name,
      tail: children(tail, 'endpoint').flatMap((endpoint) => this.#endpoint(endpoint)),
      head: children(head, 'endpoint').flatMap((endpoint) => this.#endpoint(endpoint)),
      arrow: oneWay ? 'one-way' : bothWays ? 'both-ways' : undefined,
      size: this.#value(child(node, 'value')),
      at: this.#value(child(child(node, 'address'), 'value')),
      paced: paced === undefined ? undefined : this.#tokenSpan(paced),
    }
  }

  /** The end of a channel, or the holder of a mapping: both rules have the same parts. */
  #endpoint(node: CstNode): ast.Endpoint[] {
    const name = this.#identifier(token(node, 'Name'))
    if (name !== undefined) return [{ kind: 'peer', name, span: name.span }]
    const host = token(node, 'Host')
    if (host !== undefined) return [{ kind: 'host', span: this.#tokenSpan(host) }]
    const anyone = child(node, 'anyone')
    if (token(anyone, 'Any') === undefined || anyone === undefined) return []
    const each = token(node, 'Each') !== undefined
    const count = this.#value(child(anyone, 'value'))
    return [{ kind: 'any', count, each, span: this.#nodeSpan(each ? node : anyone) }]
  }

  #memory(node: CstNode, name: ast.Identifier): ast.MemoryItem {
    return {
      kind: 'memory',
      ...this.#written(node),
      name,
      memoryKind: this.#identifier(token(node, 'Name', 1)) ?? { text: '', span: name.span },
      size: this.#value(child(node, 'value')),
      mappings: children(node, 'mapping').flatMap((mapping) => this.#mapping(mapping)),
    }
  }

  #mapping(node: CstNode): ast.MappingItem[] {
    const [holder] = this.#endpoint(node)
    const rights = children(node, 'right').flatMap((right) => {
      return RIGHT_WORDS.flatMap((word) =>
        tokens(right, capitalised(word)).map((written) => ({ word, span: this.#tokenSpan(written) })),
      )
    })
    if (holder === undefined || rights.length === 0) return []
    return [{ holder, rights, at: this.#value(child(child(node, 'address'), 'value')), span: this.#nodeSpan(node) }]
  }

  #transitionRule(node: CstNode): ast.TransitionRule[] {
    const [klass, action] = tokens(node, 'Name').map((name) => this.#identifier(name))
    const ids = children(node, 'identifiers').flatMap((id) => this.#transitionId(id))
    if (klass === undefined || action === undefined) return []
    return [{ class: klass, ids, action, span: this.#nodeSpan(node) }]
  }

  #transitionId(node: CstNode): ast.TransitionId[] {
    const span = this.#nodeSpan(node)
    const name = this.#identifier(token(node, 'Name'))
    if (name !== undefined) return [{ kind: 'name', name, span }]
    if (token(node, 'Star') !== undefined) return [{ kind: 'rest', span }]
    const numbers = tokens(node, 'Number')
    const [first, last = first] = numbers.map((number) => this.#number(number))
    return first === undefined || last === undefined ? [] : [{ kind: 'range', first, last, span }]
  }

  #assertion(node: CstNode): ast.AssertItem {
    const reason = token(node, 'String')
    return {
      kind: 'assert',
      ...this.#written(node),
      reason: reason === undefined ? undefined : this.#string(reason),
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
    return this.#identifier(token(node, 'Name') ?? token(node, 'Host'))
  }

  #value(node: CstNode | undefined): ast.Value | undefined {
    const written = token(node, 'Number')
    const name = this.#identifier(token(node, 'Name'))
    if (node === undefined) return undefined
    if (written === undefined) return name && { kind: 'name', name, span: name.span }
    const number = this.#number(written)
    return number === undefined ? undefined : { kind: 'number', number, unit: name, span: this.#nodeSpan(node) }
  }

  #number(written: IToken): number | undefined {
    const span = this.#tokenSpan(written)
    const number = written.tokenType === MalformedNumber ? undefined : readNumber(written.image)
    if (typeof number === 'number') return number
    this.#report(
      number === 'huge' ? messages.numberTooLarge(span) : messages.malformedNumber({ text: written.image }, span),
    )
    return undefined
  }

  #string(written: IToken): string | undefined {
    if (written.tokenType === UnterminatedString) return undefined
    const text = readString(written.image)
    if (text === undefined) this.#report(messages.unknownEscape(this.#tokenSpan(written)))
    return text
  }

  #named<I extends ast.Item>(node: CstNode, build: (name: ast.Identifier) => I): I[] {
    const name = this.#identifier(token(node, 'Name'))
    return name === undefined ? [] : [build(name)]
  }

  #identifier(written: IToken | undefined): ast.Identifier | undefined {
    return written && { text: written.image, span: this.#tokenSpan(written) }
  }

  #written(node: CstNode): { span: Span; docs: readonly string[] } {
    const span = this.#nodeSpan(node)
    return { span, docs: docsBefore(this.#comments, span.offset, this.#source.text) }
  }

  #tokenSpan(written: IToken): Span {
    return this.#source.span(written.startOffset, (written.endOffset ?? written.startOffset) + 1)
  }

  // Offsets are inclusive; a node that recovery left empty has none.
  #nodeSpan(node: CstNode): Span {
    const start = node.location?.startOffset ?? Number.NaN
    const end = node.location?.endOffset ?? Number.NaN
    return Number.isNaN(start) || Number.isNaN(end) ? this.#source.span(0, 0) : this.#source.span(start, end + 1)
  }
}

const isNode = (element: CstElement): element is CstNode => 'children' in element

/** Whether a token was written, and not imagined by recovery. */
const isWrittenToken = (element: CstElement): element is IToken =>
  !isNode(element) && element.isInsertedInRecovery !== true

function children(node: CstNode | undefined, rule: string): CstNode[] {
  return node?.children[rule]?.filter(isNode) ?? []
}

function child(node: CstNode | undefined, rule: string): CstNode | undefined {
  return children(node, rule)[0]
}

function tokens(node: CstNode | undefined, name: string): IToken[] {
  return node?.children[name]?.filter(isWrittenToken) ?? []
}

function token(node: CstNode | undefined, name: string, index = 0): IToken | undefined {
  return tokens(node, name)[index]
}
