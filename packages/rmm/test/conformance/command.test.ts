import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { conformanceCommand } from '../../conformance/command.ts'
import { OWN_VECTORS } from '../../conformance/conformance.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function run(...args: string[]): { readonly code: number; readonly lines: readonly string[]; readonly last: string } {
  const lines: string[] = []
  const code = conformanceCommand(args, folder, (line) => lines.push(line))
  return { code, lines, last: lines.at(-1) ?? '' }
}

const recorded = (file: string): string => readFileSync(join(OWN_VECTORS, file), 'utf8')

interface LooseCall {
  [member: string]: unknown
  ret: string[]
  args: string[]
}
interface LooseTrace {
  calls: LooseCall[]
  [member: string]: unknown
}

/** Writes a recorded trace with something changed, and runs all there is then. */
function withTrace(name: string, change: (trace: LooseTrace) => void) {
  const trace = JSON.parse(recorded(`traces/${name}.json`))
  change(trace)
  writeFileSync(join(folder, 'changed.json'), JSON.stringify(trace))
  return run('.')
}

/** The last call of a command. */
function lastCall({ calls }: LooseTrace, name: string): LooseCall {
  return calls.findLast((call) => call['name'] === name && call.ret[0] === '0x0')!
}

const entriesOf = (call: LooseCall) => call['realm'] as Record<string, unknown>[]

describe('one changed thing is found', () => {
  test.each<readonly [what: string, trace: string, change: (trace: LooseTrace) => void, said: RegExp]>([
    [
      'a result',
      '01-version-features',
      ({ calls }) => calls[0]!.ret.splice(1, 1, '0x7'),
      /^changed\.json: call 0 RMI_VERSION.*: result is .*"0x10000".*, recorded .*"0x7"/,
    ],
    [
      'a status',
      '03-granule-delegate',
      ({ calls }) => Object.assign(calls[0]!, { status: 'RMI_ERROR_REC' }),
      /: status is "RMI_ERROR_INPUT", recorded "RMI_ERROR_REC"/,
    ],
    [
      'an index',
      '09-rtt-create',
      ({ calls }) => Object.assign(calls.find(({ status }) => status === 'RMI_ERROR_RTT')!, { index: 9 }),
      /: index is \d, recorded 9/,
    ],
    [
      'a granule state',
      '03-granule-delegate',
      ({ calls }) => Object.assign(calls[0]!, { granules: [{ addr: '0x80102000', state: 'RTT' }] }),
      /: state of 0x80102000 is ".*", recorded "RTT"/,
    ],
    [
      'the RIM',
      '23-psci',
      (trace) => Object.assign(lastCall(trace, 'RMI_REALM_CREATE'), { realms: { '0x80100000': { rim: 'ab' } } }),
      /: rim is "[0-9a-f]{64}", recorded "ab"/,
    ],
    [
      'an exit record',
      '22-rec-exits',
      (trace) => Object.assign(lastCall(trace, 'RMI_REC_ENTER'), { exit: { exit_reason: '0x9' } }),
      /: exit is \{.*"exit_reason":"0x\d".*\}, recorded \{"exit_reason":"0x9"\}/,
    ],
    [
      'registers at an entry',
      '23-psci',
      (trace) => Object.assign(entriesOf(lastCall(trace, 'RMI_REC_ENTER'))[0]!, { in: ['0x99'] }),
      /: entry 0: registers is .*, recorded \["0x99"\]/,
    ],
    [
      'where a guest goes on',
      '23-psci',
      (trace) => Object.assign(entriesOf(lastCall(trace, 'RMI_REC_ENTER'))[0]!, { pc: '0x99' }),
      /: entry 0: pc is .*, recorded "0x99"/,
    ],
    [
      'an injected exception',
      '22-rec-exits',
      (trace) =>
        Object.assign(entriesOf(lastCall(trace, 'RMI_REC_ENTER'))[0]!, {
          esr_el1: '0x99',
          far_el1: '0x0',
          elr_el1: '0x0',
        }),
      /: entry 0: injected exception is .*, recorded \["0x99","0x0","0x0"\]/,
    ],
    [
      'a result on another PE',
      '28-other-pe',
      ({ calls }) => {
        const { during } = entriesOf(calls.find(({ i }) => i === 49)!)[0]! as {
          during: { other_pe_rmi: { x: string[] } }[]
        }
        during[0]!.other_pe_rmi.x[0] = '0x2'
      },
      /: entry 0: result on another PE is \["0x3".*, recorded \["0x2"/,
    ],
    [
      'memory',
      '03-granule-delegate',
      ({ calls }) => Object.assign(calls.at(-1)!, { readback: { addr: '0x80000000', hex: 'abcd' } }),
      /: memory at 0x80000000 is "0000", recorded "abcd"/,
    ],
  ])('%s', (_, trace, change, said) => {
    const { code, lines, last } = withTrace(trace, change)
    expect(code).toBe(1)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(said)
    expect(last).toMatch(/^conformance: traces 0\/1 calls \d+\/\d+ rim 0\/0 rem 0\/0 tokens 0\/0$/)
  })

  test('the RIM of a vector, a REM, and a claim', () => {
    writeFileSync(
      join(folder, 'a.json'),
      recorded('rim-vectors.json').replace(/("op": "REALM_CREATE",\s*"rim": ")../, '$1xx'.replace('xx', '00')),
    )
    cpSync(join(OWN_VECTORS, 'tokens'), join(folder, 'tokens'), { recursive: true })
    writeFileSync(join(folder, 'tokens/tokens.json'), recorded('tokens/tokens.json').replace('"sha-512"', '"sha-256"'))
    const { code, lines, last } = run('.')
    expect(code).toBe(1)
    expect(lines[0]).toMatch(/^a\.json: \S+ step 0 REALM_CREATE: rim by its commands is [0-9a-f]+, recorded 00/)
    expect(lines[1]).toMatch(/^tokens.tokens\.json: token-sha512\.cbor: /)
    expect(last).toMatch(/^conformance: traces 0\/0 calls 0\/0 rim 7\/8 rem 15\/15 tokens 2\/3$/)
  })
})

test('recordings are found by what they are, however deep; what only lists them is passed over', () => {
  mkdirSync(join(folder, 'a/b'), { recursive: true })
  writeFileSync(join(folder, 'a/b/any name.json'), recorded('traces/01-version-features.json'))
  writeFileSync(join(folder, 'index.json'), '{"total_calls": 1, "traces": []}')
  writeFileSync(join(folder, 'version-differences.json'), '{"semantic_differences": []}')
  writeFileSync(join(folder, 'README.md'), 'text')
  expect(run('.')).toEqual({
    code: 0,
    lines: ['conformance: traces 1/1 calls 18/18 rim 0/0 rem 0/0 tokens 0/0'],
    last: 'conformance: traces 1/1 calls 18/18 rim 0/0 rem 0/0 tokens 0/0',
  })
})

test.each([
  ['nothing', ''],
  ['half a file', recorded('traces/01-version-features.json').slice(0, 500)],
  ['a list', '[]'],
  ['null', 'null'],
  ['an object that is none of these', '{"hello": 1}'],
  ['a trace without calls', '{"name": "x", "platform_cfg": {}, "n_calls": 2}'],
  ['calls that are none', '{"name": "x", "platform_cfg": {}, "calls": [1]}'],
  ['fewer calls than it says', '{"name": "x", "platform_cfg": {}, "n_calls": 2, "calls": []}'],
  ['registers of other than hexadecimal digits', '{"name": "x", "platform_cfg": {"sve": "many"}, "calls": []}'],
  ['vectors that are none', '{"vectors": [{"name": "x"}]}'],
  ['a step that is none', '{"rem_extend": [{"steps": [{}]}]}'],
  ['tokens that are none', '{"tokens": [{}]}'],
  ['a token in another folder', recorded('tokens/tokens.json').replace('token-sha256.cbor', '../token-sha256.cbor')],
  ['a token that is absent', recorded('tokens/tokens.json')],
  ['memory events outside of memory', changedCall({ mem: [{ addr: '0x1000', size: 4096, chunks: [] }] })],
  ['more memory than there is', changedCall({ mem: [{ addr: '0x80000000', size: 2 ** 40, fill: 1 }] })],
  ['a chunk beyond its page', changedCall({ mem: [{ addr: '0x80000000', size: 4, chunks: [['0x4', 'ff']] }] })],
  ['an action that is none', changedCall({ realm_program: ['dance 0x1'] })],
  ['a guest that writes outside of memory', changedCall({ realm_program: ['wpa 0x0 ff'] })],
])('a file with %s is one failing line', (_, content) => {
  writeFileSync(join(folder, 'bad.json'), content)
  const { code, lines } = run('.')
  expect(code).toBe(1)
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(/^bad\.json: \S/)
  expect(lines[0]).not.toMatch(/\n| at .*\.ts/)
})

/** A recorded trace of which the first call has other members. */
function changedCall(members: object): string {
  const trace = JSON.parse(recorded('traces/01-version-features.json')) as LooseTrace
  Object.assign(trace.calls[0]!, members)
  return JSON.stringify(trace)
}

test('an empty folder is no success', () => {
  expect(run('.')).toMatchObject({ code: 1, last: 'conformance: traces 0/0 calls 0/0 rim 0/0 rem 0/0 tokens 0/0' })
})

test.each([[[]], [['absent']], [['.', '.']], [['.', '--what']]])('%j is called wrongly: exit code 2', (args) => {
  const { code, lines } = run(...args)
  expect(code).toBe(2)
  expect(lines[0]).toMatch(/^conformance: /)
})

test('help says how to call it', () => {
  expect(run('--help')).toMatchObject({ code: 0, last: expect.stringContaining('--mica') })
})
