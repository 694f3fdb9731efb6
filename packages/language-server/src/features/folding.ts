import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver'
import type { Analysis } from '../analysis.ts'

/** What can be folded: everything in braces over several lines, comments over several lines, the imports. */
export function foldingRanges(analysis: Analysis): FoldingRange[] {
  const { tokens, comments, file } = analysis.parsed
  const places = analysis.placesOf(analysis.path)
  const lineOf = (offset: number): number => places.position(offset).line
  const ranges: FoldingRange[] = []
  const add = (startLine: number, endLine: number, kind?: FoldingRangeKind): void => {
    if (startLine < endLine) ranges.push(kind === undefined ? { startLine, endLine } : { startLine, endLine, kind })
  }
  const open: number[] = []
  for (const { image, startOffset } of tokens) {
    if (image === '{') open.push(lineOf(startOffset))
    const start = image === '}' ? open.pop() : undefined
    // The line of the `}` stays in sight.
    if (start !== undefined) add(start, lineOf(startOffset) - 1)
  }
  let first = -1
  for (const [index, { offset, end }] of comments.entries()) {
    const next = comments[index + 1]
    if (first < 0) first = lineOf(offset)
    if (next !== undefined && lineOf(next.offset) === lineOf(end) + 1) continue
    add(first, lineOf(end), FoldingRangeKind.Comment)
    first = -1
  }
  const imports = file.items.filter((item) => item.kind === 'import')
  const [begin, end] = [imports[0], imports.at(-1)]
  if (begin !== undefined && end !== undefined) {
    add(lineOf(begin.span.offset), lineOf(end.span.offset), FoldingRangeKind.Imports)
  }
  return ranges
}
