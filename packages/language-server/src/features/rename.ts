import { type Diagnostic, isName, type NamedSymbol, type Span } from '@mica/dsl'
import { LSPErrorCodes, type Range, ResponseError, type WorkspaceEdit } from 'vscode-languageserver'
import type { Analysis, NamedPlace } from '../analysis.ts'
import { changed, type TextChange } from '../text-change.ts'
import type { Workspace } from '../workspace.ts'
import { everywhere, type FoundSymbol, placesOfSymbol } from './references.ts'

/** What stands where a rename begins. */
export interface Renamed {
  readonly range: Range
  readonly placeholder: string
}

/** The name at an offset, if it is one that can be changed. */
export function renamedAt(analysis: Analysis, offset: number): Renamed | ResponseError {
  const name = analysis.nameAt(offset)
  if (name === undefined) return refused('nothing here has a name of its own')
  return { range: analysis.placesOf(analysis.path).range(name.span), placeholder: textAt(name, analysis) }
}

/**
 * The changes that give what stands at an offset another name, in every file of the project that names it.
 *
 * Refused are, in this order: a place without a name, a new name that is none, and one that would make a file wrong or
 * change what any name in it stands for.
 */
export function renameAt(
  analysis: Analysis,
  offset: number,
  newName: string,
  workspace: Workspace,
): WorkspaceEdit | ResponseError {
  const name = analysis.nameAt(offset)
  if (name === undefined) return refused('nothing here has a name of its own')
  if (!isName(newName)) return refused(`\`${newName}\` is not a name`)
  const found = everywhere(name.symbol, workspace)
  const places = placesOfSymbol(found, true)
  const changes = new Map<string, TextChange[]>()
  for (const { file, offset: start, length } of places) {
    changes.set(file, [...(changes.get(file) ?? []), { offset: start, length, text: newName }])
  }
  const problem = problemOf(changes, found, workspace)
  if (problem !== undefined) return refused(`\`${newName}\` cannot be the name: ${problem}`)
  return { changes: Object.fromEntries([...changes].map(([file, edits]) => editsOf(file, edits, found, workspace))) }
}

function editsOf(
  file: string,
  changes: readonly TextChange[],
  found: readonly FoundSymbol[],
  workspace: Workspace,
): [uri: string, edits: { range: Range; newText: string }[]] {
  const places = found.find(({ analysis }) => analysis.files.includes(file))?.analysis.placesOf(file)
  const edits = changes.flatMap((change) => {
    return places === undefined ? [] : [{ range: places.range(change), newText: change.text }]
  })
  return [workspace.uriOf(file), edits]
}

function textAt({ span }: NamedPlace, analysis: Analysis): string {
  return analysis.text.slice(span.offset, span.offset + span.length)
}

function refused(message: string): ResponseError {
  return new ResponseError(LSPErrorCodes.RequestFailed, message)
}

/**
 * What would be wrong after the changes, in one line. Every file is checked as it would be then: it may have no error
 * that it has not now, and each of its names must stand for the same.
 */
function problemOf(
  changes: ReadonlyMap<string, readonly TextChange[]>,
  found: readonly FoundSymbol[],
  workspace: Workspace,
): string | undefined {
  for (const { analysis } of found) {
    const files = analysis.files.filter((file) => changes.has(file))
    const texts = new Map(files.map((file) => [file, changed(analysis.textOf(file), changes.get(file) ?? [])]))
    const after = workspace.analyseWith(analysis.path, new Map([...texts].map(([file, { text }]) => [file, text])))
    if (after === undefined) return `\`${analysis.path}\` cannot be read`
    const error = newError(analysis.checked.diagnostics, after.checked.diagnostics)
    if (error !== undefined) return error.message
    const move = ({ file, offset }: Span): string => `${texts.get(file)?.moved(offset) ?? offset} ${file}`
    const stay = ({ file, offset }: Span): string => `${offset} ${file}`
    const other = firstOther(meanings(analysis.checked.symbols, move), meanings(after.checked.symbols, stay))
    if (other !== undefined) return `\`${other}\` would stand for something else`
  }
  return undefined
}

/** An error of a kind that there was less of before. */
function newError(before: readonly Diagnostic[], after: readonly Diagnostic[]): Diagnostic | undefined {
  const left = new Map<string, number>()
  for (const { code } of before) left.set(code, (left.get(code) ?? 0) + 1)
  return after.find(({ code, severity }) => {
    left.set(code, (left.get(code) ?? 0) - 1)
    return severity === 'error' && (left.get(code) ?? 0) < 0
  })
}

/** What each place that is a name stands for: the place where that is declared, and its name. */
function meanings(
  symbols: readonly NamedSymbol[],
  place: (span: Span) => string,
): ReadonlyMap<string, readonly [declaration: string, name: string]> {
  return new Map(
    symbols.flatMap(({ declaration, name, uses }) =>
      [declaration, ...uses].map((use) => [place(use), [place(declaration), name]] as const),
    ),
  )
}

/** A name that stands for something else than before. */
function firstOther(before: ReturnType<typeof meanings>, after: ReturnType<typeof meanings>): string | undefined {
  for (const [place, [declaration, name]] of before) if (after.get(place)?.[0] !== declaration) return name
  for (const [place, [, name]] of after) if (!before.has(place)) return name
  return undefined
}
