import { createHash, hkdfSync } from 'node:crypto'

/** The seed that a number or a word on the command line stands for. */
export function seedOf(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`mica seed ${text}`).digest())
}

/**
 * Independent bytes for one use of a seed: the machine never has what the client's secrets are made from.
 *
 * @returns 32 bytes.
 */
export function derive(seed: Uint8Array, use: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', seed, new Uint8Array(0), `mica run ${use}`, 32))
}
