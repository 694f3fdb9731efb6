import { fromBase64, toBase64 } from './bytes.ts'

/** One block of a PEM file: what it says it is, and its bytes. */
export interface PemBlock {
  /** `PUBLIC KEY`, `CERTIFICATE`, … */
  readonly label: string
  readonly der: Uint8Array
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----\s*/g

/**
 * The blocks of a text that is nothing but PEM (RFC 7468), with white space around them; `undefined` for anything else,
 * also for text between them, as some tools write it.
 */
export function pemBlocks(text: string): readonly PemBlock[] | undefined {
  const blocks: PemBlock[] = []
  const rest = text.replace(BLOCK, (_, label: string, body: string) => {
    const der = fromBase64(body.replaceAll(/\s/g, ''))
    if (der === undefined) return 'x'
    blocks.push({ label, der })
    return ''
  })
  return rest.trim() === '' && blocks.length > 0 ? blocks : undefined
}

/** One block of PEM, in lines of 64 characters. */
export function pemText(label: string, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
