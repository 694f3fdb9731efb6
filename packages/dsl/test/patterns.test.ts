import { check, type Diagnostic } from '@mica/dsl'
import { describe, expect, test } from 'vitest'

const checked = (text: string): ReturnType<typeof check> => check(text, { file: 'w.mica' })
const codes = (diagnostics: readonly Diagnostic[]): string[] => [...new Set(diagnostics.map(({ code }) => code))]
const PEERS = 'gateway peer gate image "g.ts" peer box image "b.ts"'

test('items of an instance are called INSTANCE_ITEM, those of an instance in it INSTANCE_INSTANCE_ITEM', () => {
  const { workflow, diagnostics } = checked(`
    pattern inner(a, b, size) { channel in a -> b size channel two a <-> each any(2) size }
    pattern outer(a, b) { use inner(a, b, 4 KiB) as i channel out b -> a 8 KiB assert i_in reaches a }
    workflow w { ${PEERS} use outer(gate, box) as s1 assert s1_i_in reaches gate assert s1_out reaches gate }`)
  expect(codes(diagnostics)).toEqual(['MICA1901', 'MICA1908'])
  expect(workflow?.memories.map(({ name }) => name)).toEqual(['s1_i_in', 's1_i_two_1', 's1_i_two_2', 's1_out'])
})

test('parameters are names, host among them, sizes and numbers', () => {
  const { workflow, diagnostics } = checked(`
    let FRAME = 64 KiB
    pattern p(user, world, size, count, where) {
      channel nic user <-> world 4 KiB at where
      channel svc user <-> each any(count) size
      assert user reaches world
      assert svc_1 reaches world
    }
    workflow w { gateway peer gate image "g.ts" use p(gate, host, FRAME, 2, 0x1000_0000) as s }`)
  expect(diagnostics).toEqual([])
  expect(workflow?.memories.map(({ name, kind, granules }) => [name, kind, granules])).toEqual([
    ['s_nic', 'unprotected', 1],
    ['s_svc_1', 'protected', 16],
    ['s_svc_2', 'protected', 16],
  ])
  expect(workflow?.memories[0]?.mappings[0]?.ipaGranule).toBe(0x1_0000)
})

test('a pattern knows its parameters, its items and what stands before the workflow, and nothing of the workflow', () => {
  const { diagnostics } = checked(`
    let SIZE = 4 KiB
    peer log image "l.ts"
    pattern p(user) { channel lines user -> log SIZE channel more user -> box SIZE }
    workflow w { ${PEERS} use p(gate) as s channel c gate -> box SIZE }`)
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual(['MICA1201 unknown peer `box`'])
})

test('a problem of a pattern names the use that it comes from, and offers no fix for it', () => {
  const { diagnostics } = checked(`pattern p(user) { channel nic user <-> host 4 KiB }
workflow w { peer box image "b.ts" use p(box) as s }`)
  expect(diagnostics).toMatchObject([{ code: 'MICA1505', span: { line: 2 } }])
  const [inside] = checked(`pattern p(user) { channel c user -> user 4 KiB }
workflow w { peer box image "b.ts" use p(box) as s }`).diagnostics
  expect(inside).toMatchObject({ code: 'MICA1501', span: { line: 2 } })
  const [unused] = checked(`pattern p(user) { gateway peer box image "b.ts" channel c user -> box 4 KiB }
workflow w { peer user image "u.ts" use p(user) as s }`).diagnostics
  expect(unused).toMatchObject({ code: 'MICA1901', span: { line: 1 }, message: expect.stringContaining('`s_box`') })
  expect(unused?.fix).toBeUndefined()
  expect(unused?.related.at(-1)).toMatchObject({ message: 'the pattern is used here', span: { line: 2 } })
})

describe('patterns that use patterns cost a bounded amount', () => {
  const tower = (height: number, uses: number): string => {
    const layers = Array.from({ length: height }, (_, level) => {
      const inner = Array.from({ length: uses }, (_, i) => `use p${level + 1}(a, b) as u${i}`)
      return `pattern p${level}(a, b) { ${inner.join(' ')} }`
    })
    return `${layers.join('\n')}\npattern p${height}(a, b) { channel c a -> b 4 KiB }\n`
  }
  const body = `workflow w { ${PEERS} use p0(gate, box) as s }`

  test('however deep', () => {
    expect(codes(checked(tower(3, 1) + body).diagnostics)).toEqual(['MICA1901'])
    expect(codes(checked(tower(2_000, 1) + body).diagnostics)).toContain('MICA1209')
  })

  test('however wide', () => {
    expect(codes(checked(tower(10, 10) + body).diagnostics)).toContain('MICA1212')
    expect(codes(checked(tower(14, 4) + body).diagnostics)).toContain('MICA1212')
    expect(codes(checked(tower(1_000, 3)).diagnostics)).toContain('MICA1212')
    const again = 'use p1(a, b) as x\n'.repeat(10_000)
    expect(codes(checked(`${tower(3, 20)}pattern q(a, b) { ${again} }`).diagnostics)).toContain('MICA1212')
  })

  test('even in a circle', () => {
    const circle = 'pattern p0(a, b) { use p1(a, b) as x } pattern p1(a, b) { use p0(a, b) as y }'
    expect(codes(checked(circle + body).diagnostics)).toEqual(['MICA1208'])
  })
})
