import type { Columns } from './cells.ts'

/** One line of the canonical form, before it is aligned with its neighbours. */
export interface Line {
  readonly indent: number
  /** Whether an empty line stands before it. */
  blankBefore: boolean
  /** What is aligned with neighbours of the same kind; a comment has none. */
  readonly kind: string | undefined
  readonly columns: Columns
  /** The comment at its end. */
  readonly trailing: string
}

/** Cells longer than this do not push those of other lines aside. */
const WIDEST_CELL = 48

/** Lines longer than this do not push the comments of other lines aside. */
const WIDEST_LINE = 96

/** Blanks before text at a depth. */
export function indentOf(depth: number): string {
  return '  '.repeat(depth)
}

/** Lines as text, the cells of neighbours below each other. */
export function render(lines: readonly Line[]): string {
  return groupsOf(lines)
    .flatMap((group) => renderGroup(group))
    .join('')
}

/** Runs of lines of one kind and depth; comments do not end a run, an empty line does. */
function groupsOf(lines: readonly Line[]): Line[][] {
  const groups: Line[][] = []
  let group: Line[] = []
  let kind: string | undefined
  for (const line of lines) {
    const continues = !line.blankBefore && (line.kind === undefined || kind === undefined || line.kind === kind)
    if (!continues) {
      groups.push(group)
      group = []
      kind = undefined
    }
    group.push(line)
    kind = line.kind ?? kind
  }
  return [...groups, group]
}

function renderGroup(group: readonly Line[]): string[] {
  const rows = group.filter((line) => line.kind !== undefined)
  const widths: number[] = []
  for (const { columns } of rows) {
    for (const [column, cell] of columns.cells.entries()) {
      if (cell.length <= WIDEST_CELL) widths[column] = Math.max(widths[column] ?? 0, cell.length)
    }
  }
  const texts = group.map((line) => indentOf(line.indent) + aligned(line.columns, widths))
  const commented = texts.filter((text, index) => group[index]!.trailing !== '' && lastLine(text) <= WIDEST_LINE)
  const comments = commented.reduce((widest, text) => Math.max(widest, lastLine(text)), 0)
  return group.map((line, index) => {
    const text = texts[index]!
    const blank = line.blankBefore ? '\n' : ''
    if (line.trailing === '') return `${blank}${text}\n`
    return `${blank}${text}${' '.repeat(Math.max(0, comments - lastLine(text)))}  ${line.trailing}\n`
  })
}

function aligned({ cells, gap, rightAligned }: Columns, widths: readonly number[]): string {
  const last = cells.findLastIndex((cell) => cell !== '')
  let text = ''
  for (let column = 0; column <= last; column++) {
    const cell = cells[column]!
    const width = widths[column] ?? 0
    // A column that no line of the run uses takes no room.
    if (cell === '' && width === 0) continue
    if (column > 0) text += gap
    if (column === rightAligned) text += cell.padStart(width)
    else text += column === last ? cell : cell.padEnd(width)
  }
  return text
}

const lastLine = (text: string): number => text.length - (text.lastIndexOf('\n') + 1)
