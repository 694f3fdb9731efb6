import { check } from '@mica/dsl'
import fc from 'fast-check'

/** What may stand between two tokens. */
const separators = [' ', ' ', ' ', '\n', '\n\n\n', '\t', ' /* c */ ', ' // c\n', '\n/// d\n', '\n/* m\n  n */\n']

const PATTERNS = `
pattern pair ( a , b , size ) { channel to a -> b size channel from b -> a size }
pattern boxed ( user , size ) { let HALF = size peer box image "box.ts" use pair ( user , box , HALF ) as io transition box { call 0x20 : block } }
`
  .split(/[ \n]+/)
  .filter((token) => token !== '')

interface Sketch {
  readonly peers: readonly { gateway: boolean; open: boolean; trusted: boolean; rim: boolean; rpv: string | null }[]
  readonly channels: readonly { form: number; from: number; to: number; size: string; pinned: boolean }[]
  readonly rules: readonly { peer: number; rule: string }[]
  readonly uses: readonly { pattern: number; from: number; to: number }[]
  readonly assertions: readonly { form: number; from: number; to: number }[]
}

const sketch: fc.Arbitrary<Sketch> = fc.record({
  peers: fc.array(
    fc.record({
      gateway: fc.boolean(),
      open: fc.boolean(),
      trusted: fc.boolean(),
      rim: fc.boolean(),
      rpv: fc.constantFrom(null, '"x"', 'hex:0a0b', '"say \\"x\\""'),
    }),
    { minLength: 2, maxLength: 5 },
  ),
  channels: fc.array(
    fc.record({
      form: fc.nat(8),
      from: fc.nat(9),
      to: fc.nat(9),
      size: fc.constantFrom('4 KiB', '64KiB', 'FRAME', '8192 B', '3 MiB'),
      pinned: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
  rules: fc.uniqueArray(
    fc.record({
      peer: fc.nat(9),
      rule: fc.constantFrom(
        'call host_call , 0xc500_0000 .. 0xc500_000f : allow',
        'exception data_abort : scrub exception * : block',
        'interrupt 80 , 32 .. 63 : allow',
        'call * : scrub',
        'call psci_on , 0xc500_0000 .. 0xc500_000f : block',
        'call * : allow',
        'call attest , host_call , 0x20 : scrub',
      ),
    }),
    { maxLength: 4, selector: ({ rule }) => rule },
  ),
  uses: fc.array(fc.record({ pattern: fc.nat(5), from: fc.nat(9), to: fc.nat(9) }), { maxLength: 3 }),
  assertions: fc.array(fc.record({ form: fc.nat(5), from: fc.nat(9), to: fc.nat(9) }), { maxLength: 4 }),
})

/** Tokens of the items of a sketch; what it says of peers that are not there is about others. */
function itemsOf({ peers, channels, rules, uses }: Sketch): string[] {
  const other = (from: number, to: number): number => (to === from ? (to + 1) % peers.length : to)
  const pick = (index: number): number => index % peers.length
  const ends = (from: number, to: number): [string, string] => {
    const [a, b] = [pick(from), pick(to)]
    return [`p${a}`, `p${other(a, b)}`]
  }
  const items = peers.map(({ gateway, open, trusted, rim, rpv }, index) => {
    const words = [trusted ? 'trusted ' : '', gateway ? 'gateway ' : '', open ? 'open ' : '']
    const identity = rim ? `rim sha256:${(index + 1).toString(16).padStart(64, '0')}` : `image "p${index}.ts"`
    return `${words.join('')}peer p${index} ${identity}${rpv === null ? '' : ` rpv ${rpv}`}`
  })
  for (const [index, { form, from, to, size, pinned }] of channels.entries()) {
    const [a, b] = ends(from, to)
    const at = pinned ? ` at 0x${((index + 1) * 0x4000_0000).toString(16)}` : ''
    const hosted = peers[pick(from)]?.gateway === true ? `channel c${index} ${a} <-> host ${size}${at}` : undefined
    const long = (rights: string): string => `memory c${index} protected ${size} { ${rights} }`
    const forms = [
      `channel c${index} ${a} -> ${b} ${size}${at}`,
      `channel c${index} ${a} <-> ${b} ${size}${at}`,
      `channel c${index} ${a} -> ( ${b} , any ( 2 ) ) ${size} paced`,
      `channel c${index} ${a} <-> each any ( 2 ) ${size}${at}`,
      `channel c${index} ( any , ${a} ) -> ${b} ${size}`,
      hosted ?? `channel c${index} ${a} -> ${b} ${size}`,
      long(`${a} : owner read write${at} , ${b} : read execute , any : read`),
      long(`${b} : read , ${a} : write${at}`),
      `${long(`${b} : read , ${a} : write`)} paced`,
    ]
    items.push(forms[form] ?? '')
  }
  for (const { peer, rule } of rules) items.push(`transition p${pick(peer)} { ${rule} }`)
  for (const [index, { pattern, from, to }] of uses.entries()) {
    const [a, b] = ends(from, to)
    const boxed = index === 0 && pattern > 2
    items.push(boxed ? `use boxed ( ${a} , 4 KiB ) as u${index}` : `use pair ( ${a} , ${b} , FRAME ) as u${index}`)
  }
  return items
}

function assertionsOf({ peers, assertions }: Sketch): string[] {
  return assertions.map(({ form, from, to }) => {
    const [a, b] = [`p${from % peers.length}`, `p${to % peers.length}`]
    const forms = [
      `assert ${a} reaches ${b}`,
      `assert "because \\\\ \\"so\\"" ${a} never reaches ${b}`,
      `assert ${a} never reaches host except via ${b}`,
      'assert acyclic',
      `assert isolated ${a} from ${b}`,
      `assert quiet ${a}`,
    ]
    return forms[form] ?? ''
  })
}

/** Tokens of an item: what must stay in one line, or is one token, has no blank of its own here. */
const tokensOf = (item: string): string[] => item.match(/"(?:[^"\\]|\\.)*"|\d+ (?:B|KiB|MiB)\b|[^ ]+/g) ?? []

/** Texts of workflows without errors, in whatever layout, with comments anywhere, patterns, and assertions that hold. */
export const workflowText: fc.Arbitrary<string> = fc
  .tuple(sketch, fc.array(fc.constantFrom(...separators), { minLength: 8, maxLength: 24 }))
  .map(([drawn, noise]) => {
    const before = ['let FRAME = 64 KiB', ...(drawn.uses.length > 0 ? [] : ['let UNUSED = FRAME'])]
    const written = (assertions: readonly string[]): string => {
      const items = [...itemsOf(drawn), ...assertions]
      const tokens = [
        ...before.flatMap(tokensOf),
        ...(drawn.uses.length > 0 ? PATTERNS : []),
        ...['workflow', 'w', '{', 'version', '3'],
        ...items.flatMap(tokensOf),
        '}',
      ]
      return tokens.map((token, index) => token + (noise[index % noise.length] ?? ' ')).join('')
    }
    const isFine = (assertions: readonly string[]): boolean =>
      check(written(assertions), { file: 'w.mica' }).workflow !== undefined
    const holding = assertionsOf(drawn).filter((assertion) => isFine([assertion]))
    return written(holding)
  })
  .filter((text) => check(text, { file: 'w.mica' }).workflow !== undefined)
