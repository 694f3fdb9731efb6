import {
  type IdRange,
  type Mapping,
  type Memory,
  normalizeRanges,
  type Peer,
  type Policy,
  RIGHT,
  type Rights,
  type Transition,
} from '@mica/policy'
import type { Report } from '../diagnostic.ts'
import { nearest, readHex } from '../syntax/literals.ts'
import type { Span } from '../syntax/span.ts'
import type { JsonNode } from './json-reader.ts'
import * as messages from './messages.ts'
import { cut, type Entry, type Parts, partsOf, uniqueMembers } from './reference-parts.ts'

const GRANULE_SIZE = 4096
const U32 = 0xffff_ffff

/**
 * The policy that reference JSON describes, record by record in file order. What cannot be said, and what the prototype
 * would cut or ignore, is reported; the result is not to be used if anything of it is an error.
 */
export function readReference(root: JsonNode, report: Report): Policy | undefined {
  if (root.kind !== 'object') {
    report(messages.expectedValue({ key: 'the policy', expected: 'an object' }, root.span))
    return undefined
  }
  const parts = partsOf(root, report)
  const reader = new PolicyReader(parts, report)
  const self = reader.self(root.span)
  return {
    self: self ?? 0,
    peers: parts.peers.map((entry) => reader.peer(entry)),
    memories: parts.memories.map((entry) => reader.memory(entry)),
    transitions: parts.flows.map((entry, index) => reader.flow(entry, index)),
  }
}

/** Reads records after their names are known. */
class PolicyReader {
  readonly #syntax: Parts['syntax']
  readonly #report: Report
  readonly #self: JsonNode | undefined
  readonly #peers = new Map<string, number>()

  constructor({ syntax, self, peers }: Parts, report: Report) {
    this.#syntax = syntax
    this.#report = report
    this.#self = self
    for (const [index, { name }] of peers.entries()) if (!this.#peers.has(name)) this.#peers.set(name, index)
  }

  /** Index of Self. */
  self(whole: Span): number | undefined {
    if (this.#self === undefined) {
      this.#report(messages.missingKey({ key: 'Self', of: 'the policy' }, { ...whole, length: 1 }))
      return undefined
    }
    const name = this.#text('Self', this.#self)
    return name === undefined ? undefined : this.#peerNamed(name, this.#self.span)
  }

  peer({ key, name, span, value }: Entry): Peer {
    const { gatewayKey } = this.#syntax
    const members = this.#members(key, value, ['hash', gatewayKey, 'strict'])
    const flag = (word: string): boolean => {
      const node = members.get(word)
      if (node === undefined || node.kind === 'boolean') return node?.value === true
      this.#report(messages.expectedValue({ key: word, expected: '`true` or `false`' }, node.span))
      return false
    }
    return { name, gateway: flag(gatewayKey), strict: flag('strict'), ...this.#identity(members.get('hash'), span) }
  }

  #identity(hash: JsonNode | undefined, peer: Span): Pick<Peer, 'rims' | 'label'> {
    if (hash === undefined) {
      if (this.#syntax.kind === 'grouped') return { rims: [] }
      this.#report(messages.missingKey({ key: 'hash', of: 'the peer', why: 'nothing tells it from others' }, peer))
      return { rims: [], label: 0 }
    }
    if (hash.kind === 'string' && this.#syntax.kind === 'grouped') {
      const rim = readHex(hash.text.replace(/^0x/, ''))
      if (rim?.length === 32 || rim?.length === 64) return { rims: [rim] }
    }
    return { rims: [], label: this.#number('hash', hash, U32) ?? 0 }
  }

  memory({ key, name, span, value }: Entry): Memory {
    const members = this.#members(key, value, ['size', 'type', 'mappings'])
    const size = this.#required(members, 'size', key, span)
    const type = this.#required(members, 'type', key, span)
    const mappings = this.#required(members, 'mappings', key, span)
    const word = type === undefined ? undefined : this.#text('type', type)
    if (type !== undefined && word !== undefined && !/^(?:UN)?PROTECTED$/i.test(word)) {
      this.#report(messages.expectedValue({ key: 'type', expected: '`PROTECTED` or `UNPROTECTED`' }, type.span))
    }
    return {
      name,
      kind: /^UNPROTECTED$/i.test(word ?? '') ? 'unprotected' : 'protected',
      granules: (size && this.#granules('size', size)) ?? 1,
      mappings: this.#mappings(mappings),
      paced: false,
    }
  }

  #mappings(node: JsonNode | undefined): readonly Mapping[] {
    if (node === undefined) return []
    if (node.kind !== 'object') {
      this.#report(messages.expectedValue({ key: 'mappings', expected: 'an object' }, node.span))
      return []
    }
    if (node.members.length === 0) this.#report(messages.meansNothing({ what: 'a memory of nobody' }, node.span))
    return uniqueMembers(node, this.#report).map(({ key, span, value }) => {
      const { countKey, kind } = this.#syntax
      const members = this.#members(key, value, ['gpa', 'prot', countKey])
      const prot = this.#required(members, 'prot', `\`${key}\``, span)
      const gpa = members.get('gpa')
      const rights = (prot && this.#rights(prot)) ?? RIGHT.read
      const missing = kind === 'flat' ? 0 : null
      const ipaGranule = gpa === undefined ? missing : (this.#granules('gpa', gpa) ?? null)
      const count = members.get(countKey)
      if (key !== 'ANY') {
        if (count !== undefined) this.#report(messages.ignoredCount(count.span))
        return { peer: this.#peerNamed(key, span) ?? 0, rights, ipaGranule }
      }
      return { peer: null, rights, ipaGranule, ...this.#count(count, span) }
    })
  }

  #count(node: JsonNode | undefined, span: Span): Pick<Mapping, 'anyCount'> {
    const { countKey, kind } = this.#syntax
    if (node === undefined) {
      if (kind === 'flat') this.#report(messages.missingKey({ key: countKey, of: '`ANY`' }, span))
      return {}
    }
    // The figure writes "without limit" as a negative number; the prototype cannot.
    if (kind === 'grouped' && node.kind === 'number' && (node.number ?? 0) < 0) return {}
    const anyCount = this.#number(countKey, node, 0x7fff_ffff)
    if (anyCount === 0) this.#report(messages.expectedValue({ key: countKey, expected: 'at least 1' }, node.span))
    return anyCount === undefined ? {} : { anyCount }
  }

  #rights(node: JsonNode): Rights | undefined {
    const text = this.#text('prot', node)
    if (text === undefined) return undefined
    const letters = text.replace('READ', 'R').replace('WRITE', 'W').replace('EXECUTE', 'X')
    const executable = this.#syntax.kind === 'grouped'
    const known = executable ? /^[RWX]{1,3}$/ : /^[RW]{1,2}$/
    if (known.test(letters) && new Set(letters).size === letters.length) {
      const bits = { R: RIGHT.read, W: RIGHT.write, X: RIGHT.execute }
      return [...letters].reduce((rights, letter) => rights | bits[letter as keyof typeof bits], 0)
    }
    const expected = executable ? 'made of `R`, `W` and `X`' : '`R`, `W` or `RW`'
    this.#report(messages.expectedValue({ key: 'prot', expected }, node.span))
    return undefined
  }

  flow({ key, span, value }: Entry, index: number): Transition {
    const { classes, actions, kind } = this.#syntax
    const expectedName = `CF${index + 1}`
    if (kind === 'flat' && key !== expectedName) {
      this.#report(messages.flowRenamed({ name: key, flow: expectedName }, span))
    }
    const members = this.#members(key, value, ['owner', 'type', 'range', 'policy'])
    const owner = members.get('owner')
    const name = owner === undefined ? '' : this.#text('owner', owner)
    if (name === '') {
      const what = `the control flow \`${key}\` of nobody`
      this.#report(messages.meansNothing({ what, help: 'write its `owner`' }, owner?.span ?? span))
    }
    const ids = this.#values(this.#required(members, 'range', key, span))
    const ranges = normalizeRanges(ids)
    const inOrder = ids.every(([id], i) => i === 0 || id > ids[i - 1]![0])
    return {
      peer: (owner && name && this.#peerNamed(name, owner.span)) || 0,
      class: this.#word(members, 'type', key, span, classes) ?? 'call',
      action: this.#word(members, 'policy', key, span, actions) ?? 'block',
      ranges,
      ...(inOrder ? {} : { written: ids }),
    }
  }

  #values(node: JsonNode | undefined): readonly IdRange[] {
    if (node === undefined) return []
    if (node.kind !== 'array' || node.items.length === 0) {
      this.#report(messages.expectedValue({ key: 'range', expected: 'a list of at least one number' }, node.span))
      return []
    }
    const seen = new Map<number, Span>()
    return node.items.flatMap((item): IdRange[] => {
      const quoted =
        item.kind === 'string' && this.#syntax.kind === 'grouped' && /^(?:[0-9]+|0x[0-9A-Fa-f]+)$/.test(item.text)
      const id = quoted ? Number(item.text) : this.#number('range', item, U32)
      if (id === undefined || id > U32) return []
      const first = seen.get(id)
      if (first !== undefined) this.#report(messages.repeatedKey({ key: String(id), first }, item.span))
      seen.set(id, first ?? item.span)
      return first === undefined ? [[id, id]] : []
    })
  }

  /** One of the words of a table, as it is written there. */
  #word<Word extends string>(
    members: ReadonlyMap<string, JsonNode>,
    key: string,
    of: string,
    span: Span,
    words: Readonly<Record<string, Word>>,
  ): Word | undefined {
    const node = this.#required(members, key, of, span)
    const text = node === undefined ? undefined : this.#text(key, node)
    if (node === undefined || text === undefined) return undefined
    const word = Object.hasOwn(words, text) ? words[text] : undefined
    if (word !== undefined) return word
    const expected = Object.keys(words)
      .map((known) => `\`${known}\``)
      .join(' or ')
    if (text === 'OTHER')
      this.#report(messages.meansNothing({ what: `\`${key}\` \`OTHER\``, help: `it is ${expected}` }, node.span))
    else this.#report(messages.expectedValue({ key, expected }, node.span))
    return undefined
  }

  #required(members: ReadonlyMap<string, JsonNode>, key: string, of: string, span: Span): JsonNode | undefined {
    const node = members.get(key)
    if (node === undefined) this.#report(messages.missingKey({ key, of: of.startsWith('`') ? of : `\`${of}\`` }, span))
    return node
  }

  #members(of: string, node: JsonNode, known: readonly string[]): ReadonlyMap<string, JsonNode> {
    if (node.kind !== 'object') {
      this.#report(messages.expectedValue({ key: of, expected: 'an object' }, node.span))
      return new Map()
    }
    const members = uniqueMembers(node, this.#report)
    for (const { key, span } of members) {
      if (!known.includes(key)) this.#report(messages.unknownKey({ key, known, near: nearest(key, known) }, span))
    }
    return new Map(members.map(({ key, value }) => [key, value]))
  }

  #peerNamed(written: string, span: Span): number | undefined {
    const flat = this.#syntax.kind === 'flat'
    if (!flat && written === 'SELF' && this.#self?.kind === 'string') return this.#peers.get(this.#self.text)
    const index = this.#peers.get(flat ? cut(written) : written)
    if (index === undefined) {
      this.#report(messages.unknownPeer({ name: written, near: nearest(written, this.#peers.keys()) }, span))
    }
    return index
  }

  #text(key: string, node: JsonNode): string | undefined {
    if (node.kind === 'string') return node.text
    this.#report(messages.expectedValue({ key, expected: 'text in quotes' }, node.span))
    return undefined
  }

  #number(key: string, node: JsonNode, most: number): number | undefined {
    if (node.kind === 'number' && node.number !== undefined && node.number >= 0 && node.number <= most) {
      return node.number
    }
    this.#report(messages.expectedValue({ key, expected: `a number up to 0x${most.toString(16)}` }, node.span))
    return undefined
  }

  #granules(key: string, node: JsonNode): number | undefined {
    const bytes = this.#number(key, node, 2 ** 48 - GRANULE_SIZE)
    if (bytes === undefined || bytes % GRANULE_SIZE === 0) return bytes && bytes / GRANULE_SIZE
    this.#report(messages.expectedValue({ key, expected: 'a multiple of 4096' }, node.span))
    return undefined
  }
}
