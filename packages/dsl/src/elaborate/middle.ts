import * as messages from '../diagnostics.ts'
import type { FileItem, Identifier, LetItem, PatternItem, PeerItem, PolicyItem, WorkflowItem } from '../syntax/ast.ts'
import type { Parsed } from '../syntax/parse.ts'
import { checkPattern } from './check-pattern.ts'
import { type Middle, NamesOfItems } from './names.ts'
import type { Reporting } from './reporting.ts'

/** A file and what it imports, sorted by what they say. */
export interface Sorted extends Middle {
  /** Constants and peers of all files, in the order in which the files are read. */
  readonly items: readonly (LetItem | PeerItem)[]
  /** Items of the file itself that stand where none may: they are looked at with its workflow. */
  readonly strays: readonly FileItem[]
  /** The workflow of the file, or its policies: never both. */
  readonly bodies: readonly (WorkflowItem | PolicyItem)[]
  readonly names: NamesOfItems
}

/** Sorts the items of files, the last of which is the one that all others are read for. */
export function sortItems(files: readonly Parsed[], reporting: Reporting): Sorted {
  const items: (LetItem | PeerItem)[] = []
  const patterns = new Map<string, PatternItem>()
  const strays: FileItem[] = []
  for (const parsed of files) {
    if (parsed.intact) checkPlaces(parsed, reporting)
    for (const item of parsed.file.items) {
      if (item.kind === 'let' || item.kind === 'peer') items.push(item)
      else if (item.kind === 'pattern') addPattern(item, patterns, reporting)
      else if (isBody(item) || parsed.intact) {
        if (item.kind !== 'import' && parsed === files.at(-1)) strays.push(item)
      }
    }
  }
  const names = new NamesOfItems(patterns, reporting.report)
  const middle = {
    patterns,
    lets: firstByName(items.filter((item) => item.kind === 'let')),
    peers: firstByName(items.filter((item) => item.kind === 'peer')),
  }
  for (const pattern of patterns.values()) checkPattern(pattern, middle, names, reporting)
  return {
    ...middle,
    items,
    strays: strays.filter((item) => !isBody(item)),
    bodies: theBodies(strays.filter(isBody), reporting),
    names,
  }
}

function isBody(item: FileItem): item is WorkflowItem | PolicyItem {
  return item.kind === 'workflow' || item.kind === 'policy'
}

function addPattern(item: PatternItem, patterns: Map<string, PatternItem>, { report }: Reporting): void {
  const first = patterns.get(item.name.text)
  if (first === undefined) patterns.set(item.name.text, item)
  else {
    const facts = { name: item.name.text, kind: 'pattern', first: first.name.span }
    report(messages.duplicateName(facts, item.name.span))
  }
}

function firstByName<I extends { readonly name: Identifier }>(items: readonly I[]): ReadonlyMap<string, I> {
  const first = new Map<string, I>()
  for (const item of items) if (!first.has(item.name.text)) first.set(item.name.text, item)
  return first
}

/** One workflow, or any number of policies. */
function theBodies(
  bodies: readonly (WorkflowItem | PolicyItem)[],
  { report }: Reporting,
): readonly (WorkflowItem | PolicyItem)[] {
  const [first] = bodies
  if (first === undefined) return []
  const kept: readonly (WorkflowItem | PolicyItem)[] =
    first.kind === 'workflow' ? [first] : bodies.filter((body) => body.kind === 'policy')
  for (const body of bodies) {
    if (kept.includes(body)) continue
    report(messages.severalWorkflows({ first: first.name.span, kinds: [first.kind, body.kind] }, body.name.span))
  }
  const named = new Map<string, PolicyItem | WorkflowItem>()
  for (const body of kept) {
    const other = named.get(body.name.text)
    if (other === undefined) named.set(body.name.text, body)
    else {
      const facts = { name: body.name.text, kind: body.kind, first: other.name.span }
      report(messages.duplicateName(facts, body.name.span))
    }
  }
  return kept
}

/** Imports first, then what files share, then the workflow; what is about the workflow stands inside it. */
function checkPlaces({ file }: Parsed, { report }: Reporting): void {
  let part: 'imports' | 'middle' | 'bodies' = 'imports'
  for (const item of file.items) {
    const { kind, span } = item
    if (kind === 'import') {
      if (part !== 'imports') report(messages.misplacedItem({ keyword: kind, place: 'before everything else' }, span))
    } else if (kind === 'workflow' || kind === 'policy') part = 'bodies'
    else if (kind === 'let' || kind === 'peer' || kind === 'pattern') {
      if (part === 'bodies') report(messages.misplacedItem({ keyword: kind, place: 'before the workflow' }, span))
      else part = 'middle'
    } else {
      const keyword = kind === 'asserted' ? 'assert' : kind
      report(messages.misplacedItem({ keyword, place: 'inside the workflow' }, span))
    }
  }
}
