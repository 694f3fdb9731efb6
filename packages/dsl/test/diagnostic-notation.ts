import type { CborValue } from '@mica/policy/cbor'

/** CBOR as RFC 8949 section 8 writes it, nested lists on lines of their own, so that a change of a blob can be read. */
export function diagnosticNotation(value: CborValue, indent = ''): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Uint8Array)
    return `h'${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')}'`
  if (value instanceof Map) {
    const entries = [...value].map(
      ([key, item]) => `${indent}  ${String(key)}: ${diagnosticNotation(item, `${indent}  `)}`,
    )
    return `{\n${entries.join(',\n')}\n${indent}}`
  }
  if (Array.isArray(value)) {
    const items = value.map((item: CborValue) => diagnosticNotation(item, `${indent}  `))
    if (!value.some((item) => Array.isArray(item))) return `[${items.join(', ')}]`
    return `[\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}]`
  }
  return String(value)
}
