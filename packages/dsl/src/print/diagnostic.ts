import type { Diagnostic } from '../diagnostic.ts'
import type { Span } from '../syntax/span.ts'

export interface RenderOptions {
  /** Whether the reader is a terminal that shows colours. */
  readonly color?: boolean
}

/** Columns of a source line that are shown; a longer line is cut around the place. */
const LINE_WIDTH = 120

type Style = 'red' | 'yellow' | 'blue' | 'bold'
const STYLES: Readonly<Record<Style, string>> = { red: '31', yellow: '33', blue: '34', bold: '1' }
type Paint = (style: Style, text: string) => string

/**
 * A diagnostic for people: cause, place, the source line with the place underlined, remedy, related places.
 *
 * @param sources The texts that places are in, by file, or that of the one file; a place whose text is not there is named
 *   without its line.
 */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  sources: string | ReadonlyMap<string, string>,
  options: RenderOptions = {},
): string {
  const paint: Paint =
    options.color === true ? (style, text) => `\u001b[${STYLES[style]}m${text}\u001b[0m` : (_, text) => text
  const { code, severity, message, span, help, related } = diagnostic
  const style: Style = severity === 'error' ? 'red' : 'yellow'
  const place = (at: Span, mark: Style): string[] => {
    const source = typeof sources !== 'string' ? sources.get(at.file) : at.file === span.file ? sources : undefined
    return source === undefined ? [`    ${printable(positionOf(at))}`] : renderPlace(at, source, paint, mark)
  }
  const lines = [
    `${paint(style, `${severity} ${code}`)}: ${paint('bold', message)}`,
    ...place(span, style),
    ...(help === undefined ? [] : [`  ${paint('blue', 'help')}: ${help}`]),
    ...related.flatMap((other) => [`  ${paint('blue', 'where')}: ${other.message}`, ...place(other.span, 'blue')]),
  ]
  return lines.join('\n')
}

/** `file:line:column`, as editors and terminals follow it. */
export function positionOf(span: Span): string {
  return `${span.file}:${span.line}:${span.column}`
}

function renderPlace(span: Span, source: string, paint: Paint, style: Style): string[] {
  const start = span.offset - (span.column - 1)
  const end = lineEnd(source, span.offset)
  const cut = Math.max(start, Math.min(span.offset - 40, end - LINE_WIDTH))
  const shown = source.slice(cut, Math.min(end, cut + LINE_WIDTH))
  const before = printable(source.slice(cut, span.offset))
  const underlined = printable(source.slice(span.offset, Math.min(span.offset + span.length, cut + shown.length, end)))
  const gutter = ' '.repeat(String(span.line).length)
  const underline = ' '.repeat(width(before)) + '^'.repeat(Math.max(1, width(underlined)))
  return [
    `    ${printable(positionOf(span))}`,
    `    ${paint('blue', `${span.line} |`)} ${printable(shown)}`.trimEnd(),
    `    ${paint('blue', `${gutter} |`)} ${paint(style, underline)}`,
  ]
}

function lineEnd(source: string, offset: number): number {
  for (let end = offset; end < source.length; end++) {
    const unit = source.charCodeAt(end)
    if (unit === 10 || unit === 13) return end
  }
  return source.length
}

const width = (text: string): number => Array.from(text).length

// A policy file may come from anyone; what it holds must not move the cursor or hide text. One column for each.
function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\u00b7')
}
