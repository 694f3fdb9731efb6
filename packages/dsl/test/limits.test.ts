import { check, compile, type Diagnostic, renderDiagnostic } from '@mica/dsl'
import { describe, expect, test } from 'vitest'
import { rimOfName } from './rim-of-name.ts'

const codes = (diagnostics: readonly Diagnostic[]): string[] => diagnostics.map((diagnostic) => diagnostic.code)
const codesOf = (source: string | Uint8Array): string[] => codes(check(source, { file: 'w.mica' }).diagnostics)

describe('a hostile file costs a bounded amount and gives diagnostics', () => {
  test('ten megabytes', () => {
    expect(codesOf('// long\n'.repeat(1_250_000))).toEqual(['MICA1002'])
  })

  test.each([
    ['nesting', '('.repeat(200_000)],
    ['braces', 'workflow w {'.repeat(50_000)],
    ['one name', `workflow ${'a'.repeat(1_000_000)} {}`],
    ['dashes', `peer ${'a-'.repeat(500_000)}b`],
    ['one string', `peer a image "${'\\"'.repeat(500_000)}`],
    ['one number', `workflow w { version ${'9'.repeat(1_000_000)} }`],
    ['stray characters', '§ '.repeat(50_000)],
    ['keywords', 'peer '.repeat(50_000)],
    ['open comments', '/* '.repeat(300_000)],
  ])('%s', (_, source) => {
    const found = codesOf(source)
    expect(found.length).toBeGreaterThan(0)
    expect(found.length).toBeLessThanOrEqual(101)
  })

  test('a chain of names as long as the file, and one that never ends', () => {
    const chain = Array.from({ length: 5_000 }, (_, i) => `let L${i} = L${i + 1}`).join('\n')
    const workflow = 'workflow w { peer a image "a.ts" peer b image "b.ts" channel c a -> b L0 }'
    expect(codesOf(`${chain}\nlet L5000 = 4 KiB\n${workflow}`)).toEqual([])
    expect(codesOf(`${chain}\nlet L5000 = L0\n${workflow}`)).toEqual(['MICA1205'])
  })

  test('thousands of unknown names', () => {
    const uses = Array.from({ length: 1_000 }, (_, i) => `channel c${i} a -> x${i} 4 KiB`).join('\n')
    const found = codesOf(`workflow w { peer a image "a"\n${uses}\n}`)
    expect(found).toHaveLength(101)
    expect(found.at(-1)).toBe('MICA1010')
  })
})

test('text that is not Unicode is refused where it stops being so', () => {
  const bytes = Uint8Array.of(...new TextEncoder().encode('workflow w {\n  '), 0xff, 0x7d)
  const [diagnostic, ...others] = check(bytes, { file: 'w.mica' }).diagnostics
  expect(others).toEqual([])
  expect(diagnostic).toMatchObject({ code: 'MICA1001', span: { line: 2, column: 3 } })
  expect(codesOf('workflow w { peer a image "\ud800" }')).toEqual(['MICA1001'])
  expect(codesOf(new TextEncoder().encode('\ufeffworkflow w { }'))).toEqual([])
})

test('what a file holds cannot move the cursor of the terminal it is shown on', () => {
  const source = 'workflow w { \u001b[2J\u202e }'
  const text = check(source, { file: '\u001b[2J.mica' }).diagnostics.map((found) => renderDiagnostic(found, source))
  expect(text.join('\n')).not.toMatch(/\p{Cc}(?<!\n)|\p{Cf}/u)
})

test('a policy over a limit names the peer to open, and opening it is enough', () => {
  const file = (modifier: string): string => {
    const boxes = Array.from({ length: 300 }, (_, i) => {
      const hub = `hub${Math.floor(i / 150)}`
      return `peer box${i} image "${i}.ts"\nchannel c${i} ${hub} -> box${i} 4 KiB`
    })
    const hubs = `${modifier} peer hub0 image "h0.ts"\n${modifier} peer hub1 image "h1.ts"\nchannel between hub0 -> hub1 4 KiB`
    return `workflow w {\n${hubs}\n${boxes.join('\n')}\n}`
  }
  const { diagnostics } = check(file(''), { file: 'w.mica' })
  expect(diagnostics[0]).toMatchObject({ code: 'MICA1801', help: expect.stringContaining('open peer') })
  const opened = compile(file('open'), { file: 'w.mica', rimOf: rimOfName })
  expect(codes(opened.diagnostics)).toEqual([])
  expect(opened.blobs.size).toBe(302)
})

test('a policy whose blob would be too long is not written', () => {
  const boxes = Array.from({ length: 250 }, (_, i) => {
    const rims = Array.from({ length: 8 }, (_, k) => `sha256:${(i * 8 + k).toString(16).padStart(64, '0')}`)
    return `peer box${i} rim ${rims.join(' or ')}\nchannel c${i} hub -> box${i} 4 KiB`
  })
  const source = `workflow w {\npeer hub image "h.ts"\n${boxes.join('\n')}\n}`
  const { diagnostics, blobs } = compile(source, { file: 'w.mica', rimOf: rimOfName })
  expect(codes(diagnostics)).toContain('MICA1802')
  expect(blobs.size).toBe(0)
})
