import pg from 'pg'

const INT8 = 20
const BYTEA = 17

/**
 * How values become JavaScript's. Numbers of 64 bits are times and counts here, far below 2^53; bytes are copied out of
 * the connection's buffer.
 */
export const valueTypes: Pick<typeof pg.types, 'getTypeParser'> = {
  getTypeParser: (type: number, format?: 'text' | 'binary') => {
    if (type === INT8) return Number
    if (type === BYTEA) return (text: string) => Uint8Array.from(Buffer.from(text.slice(2), 'hex'))
    return pg.types.getTypeParser(type, format as 'text')
  },
}
