import type { Span } from './span.ts'

/**
 * What was written: names as text, numbers as read, nothing looked up.
 *
 * A part that could not be read is `undefined`; its diagnostic is already reported, so whoever reads the tree passes
 * over it in silence. Items without a readable name, other than those that have none, are not in the tree.
 */
export interface SourceFile {
  readonly items: readonly FileItem[]
}

export type FileItem = ImportItem | PatternItem | WorkflowItem | PolicyItem | Item
export type Item =
  | LetItem
  | VersionItem
  | PeerItem
  | ChannelItem
  | MemoryItem
  | TransitionItem
  | AssertItem
  | AssertedItem
  | UseItem

export interface Identifier {
  readonly text: string
  /** Where it was written: for a name that a `use` made longer, the name in the pattern. */
  readonly span: Span
}

interface Written {
  readonly span: Span
  /** Text of the `///` lines before the item, without the slashes. */
  readonly docs: readonly string[]
}

export interface WorkflowItem extends Written {
  readonly kind: 'workflow'
  readonly name: Identifier
  readonly items: readonly Item[]
}

/** One tenant's own view: its policy, written without seeing the others'. */
export interface PolicyItem extends Written {
  readonly kind: 'policy'
  readonly name: Identifier
  /** Whose policy it is. */
  readonly peer: Identifier
  readonly items: readonly Item[]
}

/** The middle part of another file. */
export interface ImportItem extends Written {
  readonly kind: 'import'
  /** As written: relative to the file that imports. */
  readonly path: { readonly text: string; readonly span: Span }
}

/** Items to be written again and again, with parameters. */
export interface PatternItem extends Written {
  readonly kind: 'pattern'
  readonly name: Identifier
  readonly parameters: readonly Identifier[]
  readonly items: readonly Item[]
}

/** The items of a pattern, once more, under names of their own. */
export interface UseItem extends Written {
  readonly kind: 'use'
  readonly pattern: Identifier
  /** What could not be read is `undefined`. */
  readonly args: readonly (Argument | undefined)[]
  /** What the names of its items begin with. */
  readonly instance: Identifier
}

/** What a parameter stands for in one use. */
export type Argument = Value | { readonly kind: 'host'; readonly span: Span }

/** A number with or without unit, or the name of one. */
export type Value =
  | { readonly kind: 'number'; readonly number: number; readonly unit: Identifier | undefined; readonly span: Span }
  | { readonly kind: 'name'; readonly name: Identifier; readonly span: Span }

export interface LetItem extends Written {
  readonly kind: 'let'
  readonly name: Identifier
  readonly value: Value | undefined
}

export interface VersionItem extends Written {
  readonly kind: 'version'
  readonly value: Value | undefined
}

/** How a peer is recognised, as the author gave it. */
export type PeerIdentity =
  | { readonly kind: 'image'; readonly path: string; readonly span: Span }
  | { readonly kind: 'rim'; readonly rims: readonly DigestLiteral[]; readonly span: Span }
  | { readonly kind: 'label'; readonly label: number; readonly span: Span }

export interface DigestLiteral {
  readonly bytes: Uint8Array
  readonly span: Span
}

/** A word in front of `peer`. */
export interface Modifier {
  readonly word: string
  readonly span: Span
}

export interface PeerItem extends Written {
  readonly kind: 'peer'
  readonly name: Identifier
  readonly trusted: boolean
  readonly gateway: boolean
  readonly open: boolean
  /** The words that say so, and where. */
  readonly modifiers: readonly Modifier[]
  readonly identity: PeerIdentity | undefined
  /** 64 bytes. */
  readonly rpv: { readonly bytes: Uint8Array; readonly span: Span } | undefined
}

/** An end of a channel. `any` without a count is any number of components. */
export type Endpoint =
  | { readonly kind: 'peer'; readonly name: Identifier; readonly span: Span }
  | { readonly kind: 'host'; readonly span: Span }
  | AnyEndpoint

export interface AnyEndpoint {
  readonly kind: 'any'
  readonly count: Value | undefined
  /** One memory for each component, instead of one for all. */
  readonly each: boolean
  readonly span: Span
}

export interface ChannelItem extends Written {
  readonly kind: 'channel'
  readonly name: Identifier
  readonly tail: readonly Endpoint[]
  readonly head: readonly Endpoint[]
  readonly arrow: 'one-way' | 'both-ways' | undefined
  readonly size: Value | undefined
  readonly at: Value | undefined
  /** Where `paced` stands. */
  readonly paced: Span | undefined
}

export type RightWord = 'read' | 'write' | 'execute' | 'owner'

export interface MappingItem {
  readonly holder: Endpoint
  readonly rights: readonly { readonly word: RightWord; readonly span: Span }[]
  readonly at: Value | undefined
  readonly span: Span
}

export interface MemoryItem extends Written {
  readonly kind: 'memory'
  readonly name: Identifier
  /** `protected` or `unprotected`, if it is either. */
  readonly memoryKind: Identifier
  readonly size: Value | undefined
  readonly mappings: readonly MappingItem[]
  /** Where `paced` stands. */
  readonly paced: Span | undefined
}

/** One entry of a rule's list: a name, a number, a range or `*`. */
export type TransitionId =
  | { readonly kind: 'name'; readonly name: Identifier; readonly span: Span }
  | { readonly kind: 'range'; readonly first: number; readonly last: number; readonly span: Span }
  | { readonly kind: 'rest'; readonly span: Span }

export interface TransitionRule {
  readonly class: Identifier
  readonly ids: readonly TransitionId[]
  readonly action: Identifier
  readonly span: Span
}

export interface TransitionItem extends Written {
  readonly kind: 'transition'
  readonly peer: Identifier
  readonly rules: readonly TransitionRule[]
}

/** A name in an assertion, where `host` is one too. */
export type NodeName = Identifier

export type PropertyItem =
  | {
      readonly kind: 'never-reaches'
      readonly from: NodeName
      readonly to: NodeName
      readonly except: readonly NodeName[]
    }
  | { readonly kind: 'reaches'; readonly from: NodeName; readonly to: NodeName }
  | {
      readonly kind: 'reaches-only-via'
      readonly from: NodeName
      readonly to: NodeName
      readonly via: readonly NodeName[]
    }
  | { readonly kind: 'acyclic'; readonly except: readonly NodeName[] }
  | { readonly kind: 'isolated'; readonly a: NodeName; readonly b: NodeName; readonly except: readonly NodeName[] }
  | { readonly kind: 'closed' }
  | { readonly kind: 'gateways-are'; readonly names: readonly NodeName[] }
  | { readonly kind: 'leakers-are'; readonly names: readonly NodeName[] }
  | { readonly kind: 'quiet'; readonly peer: NodeName }

export interface AssertItem extends Written {
  readonly kind: 'assert'
  readonly reason: string | undefined
  readonly property: PropertyItem | undefined
  readonly confined: readonly NodeName[]
}

/** The digest of assertions that stand elsewhere: all that a compiled policy knows of them. */
export interface AssertedItem extends Written {
  readonly kind: 'asserted'
  readonly digest: DigestLiteral
}
