import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { compile, renderDiagnostic } from '@mica/dsl'
import { decodeCbor } from '@mica/policy/cbor'
import { describe, expect, test } from 'vitest'
import { diagnosticNotation } from './diagnostic-notation.ts'
import { rimOfName } from './rim-of-name.ts'

const folder = new URL('./golden/', import.meta.url)
const cases = readdirSync(folder)

describe.each(cases)('%s', (name) => {
  const read = (path: string): Uint8Array | undefined => {
    const file = new URL(`${name}/${path}`, folder)
    return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined
  }
  const input = read('policy.mica') ?? ''
  const { diagnostics, blobs, sources } = compile(input, { file: 'policy.mica', read, rimOf: rimOfName })

  test('says what is wrong', async () => {
    const text = diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic, sources)}\n`).join('\n')
    await expect(text).toMatchFileSnapshot(`./golden/${name}/diagnostics.txt`)
  })

  if (blobs.size === 0) {
    test('compiles to nothing', () => {
      expect(existsSync(new URL(`${name}/blob.diag`, folder))).toBe(false)
    })
    return
  }

  test('compiles to these blobs', async () => {
    const text = [...blobs].map(([peer, blob]) => {
      const decoded = decodeCbor(blob, { deterministic: true })
      return `/ ${peer}, ${blob.length} bytes /\n${decoded.kind === 'value' ? diagnosticNotation(decoded.value) : 'malformed'}\n`
    })
    await expect(text.join('\n')).toMatchFileSnapshot(`./golden/${name}/blob.diag`)
  })
})
