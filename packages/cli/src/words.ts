/** `1 frame`, `2 frames`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Bytes as people read them: `12.3 KiB`. */
export function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`
}

/** Bytes as lower-case hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** `1 access`, `2 accesses`. */
export function accesses(count: number): string {
  return `${count} access${count === 1 ? '' : 'es'}`
}

/**
 * The rows of a table as lines, with three spaces between columns.
 *
 * @param align Where the cells after the first of a row stand in their columns.
 */
export function table(rows: readonly (readonly string[])[], align: 'left' | 'right'): string[] {
  const columns = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const cell = (text: string, column: number): string =>
    column === 0 || align === 'left' ? text.padEnd(widths[column]!) : text.padStart(widths[column]!)
  return rows.map((row) => row.map(cell).join('   ').trimEnd())
}
