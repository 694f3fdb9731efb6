/** Rows under a head as lines, columns side by side. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  // No spreading: there may be more channels than a call takes arguments.
  const widths = head.map((title, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]!.length), title.length),
  )
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}
