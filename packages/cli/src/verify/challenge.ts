import { UsageError } from '../usage-error.ts'

/** The 64 bytes of a challenge in hexadecimal. Throws {@link UsageError} for anything else. */
export function challengeFrom(text: string, option = '--challenge'): Uint8Array {
  if (!/^([0-9a-fA-F]{2}){64}$/.test(text)) {
    throw new UsageError(
      `${option} is 128 hexadecimal digits`,
      'mica attest and mica run --evidence print the challenge of their evidence',
    )
  }
  return new Uint8Array(Buffer.from(text, 'hex'))
}
