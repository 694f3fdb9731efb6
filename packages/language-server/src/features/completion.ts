import { type Expectation, type Expected, expectedAt, type NameRole, reservedWords } from '@mica/dsl'
import { namesOfClass } from '@mica/policy'
import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver'
import type { Analysis } from '../analysis.ts'
import { markdown, plain, source } from '../markdown.ts'
import { describeDefault, namedIds } from '../transition-names.ts'
import { MEMORY_KINDS, TRANSITION_ACTIONS, TRANSITION_CLASSES, UNITS, VOCABULARY } from '../vocabulary.ts'
import type { Workspace } from '../workspace.ts'
import { importPaths } from './completion/import-paths.ts'
import { knownNames } from './completion/names.ts'

/** What is offered, apart from where it goes. */
type Offer = Pick<CompletionItem, 'label' | 'kind' | 'detail' | 'documentation'> & { readonly rank: number }

/** The order in which offers are shown: names that the item has not, those it has, words that belong to it, others. */
const RANK = { fresh: 0, used: 1, inside: 2, beginning: 3 }

const KINDS: Readonly<Record<string, CompletionItemKind>> = {
  peer: CompletionItemKind.Class,
  channel: CompletionItemKind.Interface,
  memory: CompletionItemKind.Struct,
  pattern: CompletionItemKind.Function,
  constant: CompletionItemKind.Constant,
  parameter: CompletionItemKind.Variable,
}

/** What can be written at an offset: words of the language by position, names by what they have to stand for, files. */
export function completionsAt(analysis: Analysis, offset: number, workspace: Workspace): CompletionItem[] {
  const files = importPaths(analysis, offset, workspace)
  if (files !== undefined) return files
  const expected = expectedAt(analysis.parsed, offset)
  const range = analysis.placesOf(analysis.path).range({ offset: expected.start, length: offset - expected.start })
  const offers = expected.expectations.flatMap((expectation) => offersOf(expectation, expected, analysis))
  return offers.map(({ rank, ...offer }, index) => ({
    ...offer,
    sortText: `${rank} ${String(index).padStart(5, '0')}`,
    textEdit: { range, newText: offer.label },
  }))
}

function offersOf(expectation: Expectation, expected: Expected, analysis: Analysis): Offer[] {
  if (expectation.kind === 'word') {
    const beginsItem = BEGINNINGS.has(expectation.word) && expected.item.length > 0
    return [wordOffer(expectation.word, beginsItem ? RANK.beginning : RANK.inside)]
  }
  const words = WORDS_OF_ROLES[expectation.role]
  if (words !== undefined) return words.map((word) => wordOffer(word, RANK.fresh))
  return expectation.role === 'transition-id' ? idOffers(expected) : nameOffers(expectation.role, expected, analysis)
}

/** Words that may begin the next item. */
const BEGINNINGS: ReadonlySet<string> = new Set([
  'version',
  'trusted',
  'gateway',
  'open',
  'peer',
  'channel',
  'memory',
  'transition',
  'assert',
  'use',
])

const WORDS_OF_ROLES: Readonly<Partial<Record<NameRole, readonly string[]>>> = {
  unit: UNITS,
  'memory-kind': MEMORY_KINDS,
  'transition-class': TRANSITION_CLASSES,
  'transition-action': TRANSITION_ACTIONS,
}

function wordOffer(word: string, rank: number): Offer {
  const kind = reservedWords.has(word) ? CompletionItemKind.Keyword : CompletionItemKind.EnumMember
  return { label: word, kind, documentation: markdown([VOCABULARY.get(word)]), rank }
}

/** Words for what may cross, of the class that the rule begins with. */
function idOffers({ item }: Expected): Offer[] {
  const of = item.findLast(({ image }) => TRANSITION_CLASSES.some((name) => name === image))?.image
  return TRANSITION_CLASSES.filter((name) => name === of).flatMap((transitionClass) =>
    namesOfClass(transitionClass).map((label): Offer => {
      const named = namedIds(transitionClass, label)
      const documentation = named && markdown([`${named.meaning}.`, describeDefault(named)])
      return { label, kind: CompletionItemKind.EnumMember, rank: RANK.fresh, ...(documentation && { documentation }) }
    }),
  )
}

function nameOffers(role: NameRole, { item, start }: Expected, analysis: Analysis): Offer[] {
  const used = new Set(item.map(({ image }) => image))
  return knownNames(analysis, start, role).map(({ name, symbol }) => {
    const { item: declared, docs } = symbol
    const [line = ''] = analysis
      .textOf(declared.file)
      .slice(declared.offset, declared.offset + declared.length)
      .split(/\r|\n/)
    return {
      label: name,
      kind: KINDS[symbol.kind] ?? CompletionItemKind.Text,
      detail: symbol.kind,
      documentation: markdown([source(line), plain(docs.join('\n'))]),
      rank: used.has(name) ? RANK.used : RANK.fresh,
    }
  })
}
