import { type ChannelItem, type Item, parse } from '@mica/dsl'
import { expect, test } from 'vitest'

/** The items of a workflow with this body, which must be free of mistakes. */
function items(body: string): readonly Item[] {
  const { file, diagnostics } = parse(`workflow w {\n${body}\n}`, { file: 'w.mica' })
  expect(diagnostics).toEqual([])
  const [workflow] = file.items
  return workflow?.kind === 'workflow' ? workflow.items : []
}

/** An item without the places, which say nothing about what was read. */
function shape(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, part) => {
      if (key === 'span' || key === 'docs') return undefined
      return part instanceof Uint8Array ? Array.from(part) : part
    }),
  )
}

const name = (text: string): unknown => ({ text })

test('an arrow needs no blanks around it', () => {
  const [channel] = items('channel c a->b-c 4KiB')
  expect(shape(channel)).toMatchObject({
    tail: [{ kind: 'peer', name: name('a') }],
    head: [{ kind: 'peer', name: name('b-c') }],
    arrow: 'one-way',
    size: { kind: 'number', number: 4, unit: name('KiB') },
  })
})

test('a unit stands on the line of its number, so the next item may begin with any word', () => {
  const [first, second] = items('version 4\npeer KiB')
  expect(shape(first)).toMatchObject({ kind: 'version', value: { number: 4 } })
  expect(shape(second)).toMatchObject({ kind: 'peer', name: name('KiB') })
})

test('words that are not reserved may be names, even where they also mean something', () => {
  const words = ['image', 'rim', 'label', 'rpv', 'via', 'except', 'reaches', 'gateways', 'leakers', 'as', 'or', 'KiB']
  const peers = items(words.map((word) => `peer ${word} image "${word}.ts" rpv "1"`).join('\n'))
  expect(peers.map((peer) => peer.kind === 'peer' && peer.name.text)).toEqual(words)
  const [assertion] = items('assert gateways reaches reaches only via only, via assuming confined confined')
  expect(shape(assertion)).toMatchObject({
    property: {
      kind: 'reaches-only-via',
      from: name('gateways'),
      to: name('reaches'),
      via: [name('only'), name('via')],
    },
    confined: [name('confined')],
  })
})

test('a word that begins like another is read whole', () => {
  const [assertion] = items('assert a reaches b assuming c confined')
  expect(shape(assertion)).toMatchObject({ property: { kind: 'reaches' }, confined: [name('c')] })
  expect(shape(items('peer hostile\npeer any-one\npeer readers'))).toMatchObject([
    { name: name('hostile') },
    { name: name('any-one') },
    { name: name('readers') },
  ])
})

test.each<[string, Partial<ChannelItem> | object]>([
  [
    'channel c a -> (b, d) F',
    { head: [{ name: name('b') }, { name: name('d') }], size: { kind: 'name', name: name('F') } },
  ],
  ['channel c (a, b) <-> d 1 MiB', { tail: [{ name: name('a') }, { name: name('b') }], arrow: 'both-ways' }],
  ['channel c a -> any 1 B', { head: [{ kind: 'any', each: false }] }],
  ['channel c a -> any(3) 1 B', { head: [{ kind: 'any', each: false, count: { number: 3 } }] }],
  ['channel c a <-> each any(N) 1 B', { head: [{ kind: 'any', each: true, count: { name: name('N') } }] }],
  ['channel c host -> a 1 B at 0x1000_0000 paced', { tail: [{ kind: 'host' }], at: { number: 0x1000_0000 } }],
])('%s', (text, expected) => {
  expect(shape(items(text))).toMatchObject([expected])
})

test('the long form of a memory keeps holders, rights and addresses in order', () => {
  const [memory] = items('memory m unprotected 8 KiB { A: owner read write at 0x1000, any(2): execute, B: read }')
  expect(shape(memory)).toMatchObject({
    memoryKind: name('unprotected'),
    mappings: [
      {
        holder: { name: name('A') },
        rights: [{ word: 'owner' }, { word: 'read' }, { word: 'write' }],
        at: { number: 4096 },
      },
      { holder: { kind: 'any' }, rights: [{ word: 'execute' }] },
      { holder: { name: name('B') }, rights: [{ word: 'read' }] },
    ],
  })
})

test('a transition lists names, numbers, ranges and the rest', () => {
  const [transition] = items('transition p { call host_call, 0x10..0x1f, 7: allow  interrupt *: block }')
  expect(shape(transition)).toMatchObject({
    peer: name('p'),
    rules: [
      {
        class: name('call'),
        ids: [{ kind: 'name' }, { kind: 'range', first: 16, last: 31 }, { kind: 'range', first: 7, last: 7 }],
        action: name('allow'),
      },
      { class: name('interrupt'), ids: [{ kind: 'rest' }], action: name('block') },
    ],
  })
})

test.each([
  ['a never reaches b', { kind: 'never-reaches', except: [] }],
  ['a never reaches host except via b, c', { kind: 'never-reaches', to: name('host'), except: [name('b'), name('c')] }],
  ['a reaches b', { kind: 'reaches' }],
  ['a reaches b only via c', { kind: 'reaches-only-via', via: [name('c')] }],
  ['acyclic', { kind: 'acyclic', except: [] }],
  ['acyclic except a', { kind: 'acyclic', except: [name('a')] }],
  ['isolated a from b', { kind: 'isolated', a: name('a'), b: name('b'), except: [] }],
  ['isolated a from b except via c', { kind: 'isolated', except: [name('c')] }],
  ['closed', { kind: 'closed' }],
  ['gateways are a, b', { kind: 'gateways-are', names: [name('a'), name('b')] }],
  ['leakers are none', { kind: 'leakers-are', names: [] }],
  ['quiet a', { kind: 'quiet', peer: name('a') }],
])('assert %s', (text, property) => {
  const [assertion] = items(`assert "because \\"so\\" \\\\ it is" ${text}`)
  expect(shape(assertion)).toMatchObject({ reason: 'because "so" \\ it is', property })
})

test('rpv is text or digits, padded with zeroes to 64 bytes', () => {
  const [text, digits] = items('peer a rpv "ab"\npeer b rpv hex:0a0B')
  expect(text?.kind === 'peer' && text.rpv?.bytes).toEqual(
    Uint8Array.from({ length: 64 }, (_, i) => [0x61, 0x62][i] ?? 0),
  )
  expect(digits?.kind === 'peer' && digits.rpv?.bytes).toEqual(
    Uint8Array.from({ length: 64 }, (_, i) => [10, 11][i] ?? 0),
  )
})

test('doc comments belong to the item after them, other comments to nobody', () => {
  const [a, b, c] = items('/// one\n// aside\n///two\npeer a image "///x"\n/* no */ peer b // after\n//// rule\npeer c')
  expect([a, b, c].map((item) => item?.docs)).toEqual([['one', 'two'], [], []])
})
