import { readFileSync } from 'node:fs'
import { check, compile, importPolicies, renderDiagnostic } from '@mica/dsl'
import { describeFact, encodePolyV1 } from '@mica/policy'
import { describe, expect, test } from 'vitest'

const imported = (text: string) => importPolicies([{ file: 'p.json', bytes: new TextEncoder().encode(text) }], 'w')
const said = (text: string): string[] =>
  imported(text).diagnostics.map(({ code, severity, message }) => `${severity} ${code} ${message}`)

/** Every construct of the prototype's syntax. */
const whole = `{
  "Self": "VM1",
  "VM1": { "hash": 0x1, "is-gateway": true,  "strict": true },
  "VM2": { "hash": 0x2, "is-gateway": false, "strict": false },
  "Mem1": {
    "size": 0x2000, "type": "PROTECTED",
    "mappings": {
      "VM1": { "gpa": 0x18000000000, "prot": "R" },
      "VM2": { "gpa": 0x18000000000, "prot": "W" },
      "ANY": { "gpa": 0x18000000000, "prot": "RW", "any-count": 1 }
    }
  },
  "Mem2": {
    "size": 0x100000, "type": "UNPROTECTED",
    "mappings": { "VM1": { "gpa": 0x10040000000, "prot": "RW" } }
  },
  "CF1": { "owner": "VM1", "type": "CALL", "range": [23], "policy": "ALLOW" },
  "CF2": { "owner": "VM2", "type": "EXCEPTION", "range": [0x24, 0x20], "policy": "BLOCK", },
}`

test('every construct of the prototype’s syntax is read', () => {
  const { text, policies, diagnostics } = imported(whole)
  expect(diagnostics).toEqual([])
  expect(text).toBe(`policy p for VM1 {
  gateway peer VM1  label 1
  open peer VM2     label 2

  memory Mem1  protected  8 KiB {
    VM1:    read       at 0x180_0000_0000,
    VM2:    write      at 0x180_0000_0000,
    any(1): read write at 0x180_0000_0000
  }
  channel Mem2  VM1 <-> host  1 MiB  at 0x100_4000_0000

  transition VM1  { call 0x17: allow }
  transition VM2  { exception data_abort, instruction_abort: block }
}
`)
  const encoded = encodePolyV1(policies[0]!.policy)
  if (encoded.kind === 'refused') throw new Error(describeFact(encoded.facts[0]!))
  // Self 0; two of each; values in the order of the file.
  expect(Buffer.from(encoded.blob.slice(0, 16)).toString('hex')).toBe(
    '594c4f50' + '0100' + '0000' + '0200' + '0200' + '0200' + '0000',
  )
  expect(Buffer.from(encoded.blob.slice(-8)).toString('hex')).toBe('2400000020000000')
  expect(compile(text ?? '', { file: 'p.mica', target: 'poly-v1' }).blobs.get('p')).toEqual(encoded.blob)
})

test('the syntax of the paper’s figure is read: execution, scrubbing, no address, no limit, SELF', () => {
  const { text, diagnostics } = imported(`{
    "Peers": { "Self": "P1", "P1": { "is_gateway": true, "strict": true }, "P2": { "hash": "0x${'ab'.repeat(32)}", "strict": true } },
    "MemChannels": {
      "Mem1": { "size": 4096, "type": "protected", "mappings": { "SELF": { "prot": "RW" }, "P2": { "gpa": 0x1000, "prot": "RX" }, "ANY": { "prot": "R", "count": -1 } } }
    },
    "TransChannels": { "CF1": { "owner": "P2", "type": "exception", "range": ["1", "4"], "policy": "SCRUB" } }
  }`)
  expect(diagnostics).toEqual([])
  expect(text).toBe(
    `policy p for P1 {
  gateway peer P1
  peer P2          rim sha256:${'ab'.repeat(32)}

  memory Mem1  protected  4 KiB  { P1: read write, P2: read execute at 0x1000, any: read }

  transition P2  { exception 0x1, 0x4: scrub }
}
`.replace('exception 0x1, 0x4', 'exception wfx, 0x4'),
  )
  expect(check(text ?? '', { file: 'w.mica' }).diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
})

const peers = '"Self": "VM1", "VM1": { "hash": 1 }'
const memory = '"Mem1": { "size": 4096, "type": "PROTECTED", "mappings": { "VM1": { "gpa": 0, "prot": "R" } } }'
const sound = `{ ${peers}, ${memory} }`
const flow = (text: string): string =>
  `{ ${peers}, ${memory}, "CF1": { "owner": "VM1", "type": "CALL", "range": [1], "policy": "BLOCK"${text} } }`

test('a small sound policy has nothing to be said about', () => {
  expect(said(sound)).toEqual([])
})

describe('is refused', () => {
  test.each<[string, string, string]>([
    ['what is no JSON', '{ "Self": }', 'error MICA1850 expected a value, found `}`'],
    ['an end that comes too early', '{ "Self": "VM1"', 'error MICA1850 expected `,` or `}`, found the end of the file'],
    ['a string without end', '{ "Self', 'error MICA1850 expected `"`, found the end of the file'],
    ['two commas', '{ "Self": "VM1",, }', 'error MICA1850 expected a key in quotes, found `,`'],
    ['null', '{ "Self": null }', 'error MICA1850 expected a value, found `null`'],
    ['a fraction', '{ "Self": 1.5 }', 'error MICA1850 expected a value, found `1.5`'],
    ['an escape that is none', '{ "Se\\u006cf": "VM1" }', 'error MICA1851 unknown escape in a string'],
    ['text after the end', `${sound} more`, 'error MICA1852 text after the policy'],
    ['an unknown key', sound.replace('"size"', '"sise"'), 'error MICA1860 unknown key `sise`'],
    ['an unknown record', sound.replace('"Mem1"', '"Men1"'), 'error MICA1860 unknown key `Men1`'],
    ['a key twice', sound.replace('"size": 4096', '"size": 1, "size": 2'), 'error MICA1861 `size` stands twice'],
    [
      'a value of another kind',
      sound.replace('4096', '"4096"'),
      'error MICA1862 `size` is a number up to 0xfffffffff000',
    ],
    ['a size of no whole granules', sound.replace('4096', '4097'), 'error MICA1862 `size` is a multiple of 4096'],
    [
      'a hash over 32 bits',
      sound.replace('"hash": 1', '"hash": 0x100000000'),
      'error MICA1862 `hash` is a number up to 0xffffffff',
    ],
    [
      'a memory type that means nothing',
      sound.replace('"PROTECTED"', '"OTHER"'),
      'error MICA1862 `type` is `PROTECTED` or `UNPROTECTED`',
    ],
    ['rights that there are not', sound.replace('"R"', '"RX"'), 'error MICA1862 `prot` is `R`, `W` or `RW`'],
    ['no Self', sound.replace('"Self": "VM1", ', ''), 'error MICA1863 the policy has no `Self`'],
    [
      'a peer without hash',
      sound.replace('{ "hash": 1 }', '{}'),
      'error MICA1863 the peer has no `hash`: nothing tells it from others',
    ],
    [
      'an `ANY` without count',
      sound.replace('"VM1": { "gpa"', '"ANY": { "gpa"'),
      'error MICA1863 `ANY` has no `any-count`',
    ],
    [
      'a peer that nobody declares',
      sound.replace('"Self": "VM1"', '"Self": "VM7"'),
      'error MICA1864 unknown peer `VM7`',
    ],
    [
      'a control flow of nobody',
      flow('').replace('"owner": "VM1", ', ''),
      'error MICA1865 the control flow `CF1` of nobody means nothing',
    ],
    [
      'a control flow of another type',
      flow('').replace('"CALL"', '"OTHER"'),
      'error MICA1865 `type` `OTHER` means nothing',
    ],
    [
      'a control flow without ids',
      flow('').replace('[1]', '[]'),
      'error MICA1862 `range` is a list of at least one number',
    ],
    ['an id twice', flow('').replace('[1]', '[1, 1]'), 'error MICA1861 `1` stands twice'],
    [
      'names that the prototype cuts to one',
      sound.replace(memory, `${memory}, ${memory.replace('Mem1', 'Mem12')}`),
      'error MICA1866 `Mem12` is `Mem1` to the prototype, which cuts names to 4 bytes',
    ],
  ])('%s', (_, text, sentence) => {
    expect(said(text)).toContain(sentence)
    expect(imported(text).text).toBeUndefined()
  })

  test('what the model cannot hold, with the rule’s sentence', () => {
    const huge = sound.replace('"gpa": 0', '"gpa": 0xfffffffff000').replace('4096', '8192')
    expect(said(huge)[0]).toContain('MICA1870 the policy is refused: memory `Mem1` at granule')
    const nine = sound.replace(
      memory,
      Array.from({ length: 9 }, (_, i) =>
        memory.replace('Mem1', `Mem${i}`).replace('"gpa": 0', `"gpa": ${4096 * i}`),
      ).join(', '),
    )
    expect(said(nine)).toEqual(['error MICA1870 the policy is refused: 9 memories, over the limit of 8'])
  })

  test('all mistakes of a policy, not only the first', () => {
    expect(said(sound.replace('4096', '1').replace('"R"', '"Q"').replace('"hash": 1', '"strict": 1'))).toHaveLength(4)
  })
})

describe('is imported with a word about it', () => {
  test.each<[string, string, string]>([
    [
      'a name that the prototype cuts',
      sound.replaceAll('Mem1', 'Mem_one'),
      'warning MICA1867 `Mem_one` is called `Mem_`, as the prototype cuts it',
    ],
    [
      'a control flow of another name',
      flow('').replace('"CF1"', '"CF9"'),
      'warning MICA1868 `CF9` becomes `CF1` when it is written again',
    ],
    [
      'a count of a named peer',
      sound.replace('"gpa": 0', '"gpa": 0, "any-count": 1'),
      'warning MICA1869 a count of a named peer means nothing and is left out',
    ],
  ])('%s', (_, text, sentence) => {
    expect(said(text)).toEqual([sentence])
    expect(imported(text).text).toBeDefined()
  })
})

test.each<[string, string, string]>([
  ['a value', sound.replace('4096', '4097'), '4097'],
  ['a key', sound.replace('"size"', '"sise"'), '"sise"'],
  ['a record', flow('').replace('"owner": "VM1", ', ''), '"CF1"'],
  ['the text behind the end', `${sound} more`, 'more'],
  ['the character that was not expected', '{ "Self": }', '}'],
])('a mistake stands at %s', (_, text, place) => {
  const { offset, length } = imported(text).diagnostics[0]!.span
  expect(text.slice(offset, offset + length)).toBe(place)
})

test('a mistake is shown with its line', () => {
  const text = whole.replace('"RW", "any-count"', '"RWX", "any-count"')
  expect(renderDiagnostic(imported(text).diagnostics[0]!, text)).toBe(
    [
      'error MICA1862: `prot` is `R`, `W` or `RW`',
      '    p.json:10:46',
      '    10 |       "ANY": { "gpa": 0x18000000000, "prot": "RWX", "any-count": 1 }',
      '       |                                              ^^^^^',
    ].join('\n'),
  )
})

test('every message of the importer is shown by a test', () => {
  const messages = readFileSync(new URL('../../src/import/messages.ts', import.meta.url), 'utf8')
  const codes = [...messages.matchAll(/'(MICA1\d{3})'/g)].map(([, code]) => code!)
  expect(codes).toEqual([...codes].sort())
  const tests = ['import.test.ts', 'reference.test.ts'].map((file) =>
    readFileSync(new URL(file, import.meta.url), 'utf8'),
  )
  const shownInWords = ['MICA1855', 'MICA1871', 'MICA1872', 'MICA1873']
  const missing = [...new Set(codes)].filter((code) => !tests.some((text) => text.includes(code)))
  expect(missing.filter((code) => !shownInWords.includes(code))).toEqual([])
})

test('what is neither text nor blob is said to be', () => {
  const { diagnostics } = importPolicies([{ file: 'a', bytes: Uint8Array.of(0x7b, 0xff, 0xff) }], 'w')
  expect(diagnostics.map(({ code }) => code)).toEqual(['MICA1855'])
})
