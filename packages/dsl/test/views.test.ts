import { check, checkSet, compile, type Diagnostic } from '@mica/dsl'
import { describe, expect, test } from 'vitest'
import { withFix } from './with-fix.ts'

const codes = (diagnostics: readonly Diagnostic[]): string[] => diagnostics.map(({ code }) => code)
const messages = (files: Readonly<Record<string, string>>): string[] =>
  checkSet(Object.entries(files).map(([file, input]) => ({ file, input })))
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ span, help }) => `${span.file}:${span.line} ${help}`)

test('a view is the policy of its peer, with nothing that it does not say', () => {
  const { views, workflow, diagnostics } = check(
    `peer gate image "g.ts"
     peer worker image "w.ts"
     peer other image "o.ts"
     policy mine for worker {
       version 7
       channel job gate -> worker 8 KiB
       channel done worker -> gate 4 KiB at 0x1000_0000
     }`,
    { file: 'v.mica' },
  )
  expect([diagnostics, workflow]).toEqual([[], undefined])
  const [view] = views
  expect(view).toMatchObject({ name: 'mine', peer: 'worker', origin: { line: 4 }, policy: { self: 1, version: 7 } })
  expect(view?.policy.peers.map(({ name }) => name)).toEqual(['gate', 'worker'])
  expect(view?.policy.memories.map(({ mappings }) => mappings.map(({ ipaGranule }) => ipaGranule))).toEqual([
    [null, null],
    [0x1_0000, 0x1_0000],
  ])
})

test('several policies of a file compile to a blob each, under their names', () => {
  const { blobs } = compile(
    `peer a rim sha256:${'aa'.repeat(32)}
     peer b rim sha256:${'bb'.repeat(32)}
     policy one for a { channel c a -> b 4 KiB }
     policy two for b { channel c a -> b 4 KiB }`,
    { file: 'v.mica' },
  )
  expect([...blobs.keys()]).toEqual(['one', 'two'])
})

test('a view over a limit is an error, since nothing closes it', () => {
  const boxes = Array.from({ length: 300 }, (_, i) => `peer b${i} image "b${i}.ts" channel c${i} a -> b${i} 4 KiB`)
  const { diagnostics } = check(`policy p for a { peer a image "a.ts" ${boxes.join(' ')} }`, { file: 'v.mica' })
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'MICA1802 the policy of `p` cannot be written: 301 peers, over the limit of 256',
  ])
})

describe('files of policies, checked against each other', () => {
  const view = (self: string, a: string, b: string, more = ''): string =>
    `policy view for ${self} { peer ${a} image "gate.ts" peer ${b} image "worker.ts" channel job ${a} -> ${b} 8 KiB ${more} }`

  test('know peers by identity, whatever they call them, and memories by name', () => {
    expect(messages({ 'one.mica': view('gate', 'gate', 'worker'), 'two.mica': view('me', 'them', 'me') })).toEqual([])
    const renamed = view('me', 'them', 'me').replace('job', 'work')
    expect(messages({ 'one.mica': view('gate', 'gate', 'worker'), 'two.mica': renamed })).toEqual([])
  })

  test('are refused for what either of a pair says, in the place where it is said', () => {
    const wider = view('me', 'them', 'me', 'transition me {\ncall host_call: allow }')
    expect(messages({ 'one.mica': view('gate', 'gate', 'worker'), 'two.mica': wider })).toEqual([
      'one.mica:1 the rule is `strict-transition-wider`',
    ])
    const open = view('gate', 'gate', 'worker').replace('peer worker', 'open peer worker')
    expect(messages({ 'one.mica': open, 'two.mica': wider })).toEqual([])
  })

  test('are refused when more components hold one place than it has room for', () => {
    const service = `policy net for net { peer net image "net.ts" channel svc net <-> any(2) 4 KiB }`
    const client = (name: string): string =>
      `policy ${name} for me { peer me image "${name}.ts" open peer net image "net.ts" channel svc net <-> me 4 KiB }`
    const clients = (count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}.mica`, client(`c${i}`)]))
    expect(messages({ 'net.mica': service, ...clients(1) })).toEqual([])
    expect(messages({ 'net.mica': service, ...clients(3) })).toContain('net.mica:1 the rule is `any-over-count`')
  })

  test.each([
    ['channel svc net <-> me 4 KiB', 'channel svc net <-> any(2) 4 KiB', 'channel svc net <-> (me, any(2)) 4 KiB'],
    ['channel svc net -> me 4 KiB', 'channel svc net -> any 4 KiB', 'channel svc net -> (me, any) 4 KiB'],
    ['channel svc me -> net 4 KiB', 'channel svc any(3) -> net 4 KiB', 'channel svc (me, any(3)) -> net 4 KiB'],
    [
      'memory svc protected 4 KiB { net: owner read write, me: read }',
      'memory svc protected 4 KiB { net: owner read write, any(2): read }',
      'memory svc protected 4 KiB { net: owner read write, any(2): read, me: read }',
    ],
  ])('that forget the strangers of a strict provider are told how to list them: %s', (written, provided, repaired) => {
    const provides = `policy net for net { peer net image "net.ts" ${provided} }`
    const client = `policy client for me { peer me image "me.ts" peer net image "net.ts" ${written} }`
    const found = (input: string): readonly Diagnostic[] =>
      checkSet([
        { file: 'client.mica', input },
        { file: 'net.mica', input: provides },
      ]).diagnostics.filter(({ severity }) => severity === 'error')
    const [refused] = found(client)
    expect(refused?.help).toMatch(/^the rule is `strict-mapping-unlisted`: list `any.*` here, too$/)
    const fixed = refused?.fix === undefined ? client : withFix(client, refused.fix)
    expect(fixed).toContain(repaired)
    expect(found(fixed)).toEqual([])
  })

  test('take the place of the peer of a workflow that they are for', () => {
    const workflow =
      'workflow w { peer gate image "gate.ts" peer worker image "worker.ts" channel job gate -> worker 8 KiB at 0x1000 }'
    const placed = view('gate', 'gate', 'worker').replace('8 KiB', '8 KiB at 0x1000')
    expect(messages({ 'w.mica': workflow, 'one.mica': placed })).toEqual([])
    // Said less, it would not be what the others say of it.
    expect(messages({ 'w.mica': workflow, 'one.mica': view('gate', 'gate', 'worker') })).toEqual([
      'w.mica:1 the rule is `address-differs`',
    ])
    const wider = placed.replace('->', '<->')
    expect(messages({ 'w.mica': workflow, 'one.mica': wider })).toHaveLength(1)
  })

  test('are told replicas apart by value, and images by their measurement where it is known', () => {
    const replica = (name: string, value: string): string =>
      `policy ${name} for me { peer me image "box.ts" rpv "${value}" open peer hub image "hub.ts" channel ${name} hub -> me 4 KiB }`
    const hub = `policy hub for hub { peer hub image "hub.ts" peer r1 image "box.ts" rpv "1" peer r2 image "box.ts" rpv "2"
      channel one hub -> r1 4 KiB channel two hub -> r2 4 KiB }`
    const files = { 'hub.mica': hub, 'a.mica': replica('one', '1'), 'b.mica': replica('two', '2') }
    expect(messages(files)).toEqual([])
    expect(messages({ ...files, 'b.mica': replica('two', '1') }).length).toBeGreaterThan(0)
    const measured = `policy one for me { peer me rim sha256:${'11'.repeat(32)} peer hub image "hub.ts" channel one hub -> me 4 KiB }`
    const lone = hub
      .replace(/peer r2.*\n/, '\n')
      .replace(/channel two[^}]*/, '')
      .replace(' rpv "1"', '')
    const set = [
      { file: 'hub.mica', input: lone },
      { file: 'a.mica', input: measured },
    ]
    expect(codes(checkSet(set).diagnostics)).toEqual(['MICA1803'])
    const rimOf = (_: string, image: string): readonly Uint8Array[] => [
      new Uint8Array(32).fill(image === 'box.ts' ? 0x11 : 2),
    ]
    expect(codes(checkSet(set, { rimOf }).diagnostics)).toEqual([])
  })

  test('are not checked as a set while one of them has errors of its own', () => {
    const { diagnostics, views } = checkSet([
      { file: 'one.mica', input: view('gate', 'gate', 'worker') },
      { file: 'two.mica', input: view('me', 'them', 'you') },
    ])
    expect(codes(diagnostics)).toEqual(['MICA1201'])
    expect(views).toEqual([])
  })
})

test('a measurement that is not the one in the lock is a warning, and the policy is compiled', () => {
  const source = 'workflow w { peer a image "a.ts" peer b image "b.ts" channel c a -> b 4 KiB }'
  const measured = (peer: string): Uint8Array[] => [new Uint8Array(32).fill(peer === 'a' ? 1 : 2)]
  const lockedRimOf = (): Uint8Array[] => measured('a')
  const { diagnostics, blobs } = compile(source, { file: 'w.mica', rimOf: measured, lockedRimOf })
  expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'MICA1913 `b.ts`, the image of `b`, is not the one in the lock',
  ])
  expect(blobs.size).toBe(2)
})

test('what the older target cannot say is an error, what it says otherwise a warning', () => {
  const source = (action: string): string =>
    `workflow w { peer a label 1 peer worker label 2 channel c a -> worker 4 KiB transition a { call 0x20: ${action} } }`
  const older = (action: string): string[] =>
    codes(compile(source(action), { file: 'w.mica', target: 'poly-v1' }).diagnostics).filter(
      (code) => code !== 'MICA1903',
    )
  expect(new Set(older('allow'))).toEqual(new Set(['MICA1912']))
  expect(older('scrub')).toContain('MICA1804')
  expect(codes(compile(source('allow'), { file: 'w.mica' }).diagnostics)).toContain('MICA1405')
})
