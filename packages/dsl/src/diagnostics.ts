import type { Diagnostic, Fix, Related } from './diagnostic.ts'
import type { Span } from './syntax/span.ts'

/**
 * Every message of the language, in the order of its codes: 10xx text and tokens, 11xx syntax, 12xx names,
 * 13xx numbers and sizes, 14xx peers, 15xx memories, 16xx transitions, 17xx assertions, 18xx limits and encoding,
 * 19xx warnings. Messages are lower-case sentences without a period; what the author wrote stands in backticks.
 */
interface More {
  readonly help?: string | undefined
  readonly related?: readonly Related[]
  readonly fix?: Fix | undefined
}

function error(code: string, span: Span, message: string, more: More = {}): Diagnostic {
  const { help, related = [], fix } = more
  return { code, severity: 'error', message, span, help, related, ...(fix === undefined ? {} : { fix }) }
}

function warning(code: string, span: Span, message: string, more: More = {}): Diagnostic {
  return { ...error(code, span, message, more), severity: 'warning' }
}

/** `a`, `a or b`, `a, b or c`. */
function oneOf(words: readonly string[], conjunction = 'or'): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${conjunction} ${last}`
}

const quoted = (words: readonly string[]): string[] => words.map((word) => `\`${word}\``)
const didYouMean = (near: string | undefined): string | undefined => near && `did you mean \`${near}\``

/** Writes something else in a place, if anything is known to be meant there. */
function replacing(span: Span, text: string | undefined): Fix | undefined {
  return text === undefined ? undefined : { title: `write \`${text}\``, edits: [{ span, text }] }
}

function removing(span: Span, what: string): Fix {
  return { title: `remove ${what}`, edits: [{ span, text: '' }] }
}

function inserting(before: Span, text: string): Fix {
  return { title: `write \`${text.trim()}\``, edits: [{ span: { ...before, length: 0 }, text }] }
}

/** Text that is quoted in a message: one line, not long, nothing that would move a cursor. */
function excerpt(text: string): string {
  const visible = text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Cf}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
  return visible.length > 48 ? `${visible.slice(0, 47)}…` : visible
}

// 10xx: text and tokens

export const notUtf8 = (span: Span): Diagnostic =>
  error('MICA1001', span, 'the file is not valid UTF-8', { help: 'save it as UTF-8' })

export const fileTooLarge = (f: { bytes: number; limit: number }, span: Span): Diagnostic =>
  error('MICA1002', span, `the file has ${f.bytes} characters, more than the ${f.limit} that are read`, {
    help: 'split the workflow, or check that this is a policy file',
  })

export const unexpectedCharacter = (f: { text: string }, span: Span): Diagnostic =>
  error('MICA1003', span, `unexpected \`${excerpt(f.text)}\``, { help: 'remove it', fix: removing(span, 'it') })

export const unterminatedComment = (span: Span): Diagnostic =>
  error('MICA1004', span, 'comment without end', { help: 'close it with `*/`' })

export const unterminatedString = (span: Span): Diagnostic =>
  error('MICA1005', span, 'string without end', { help: 'close it with `"` on the same line' })

export const unknownEscape = (span: Span): Diagnostic =>
  error('MICA1006', span, 'unknown escape in a string', { help: 'only `\\"` and `\\\\` are escapes' })

export const malformedNumber = (f: { text: string }, span: Span): Diagnostic => {
  const [, digits, unit] = /^([0-9]+)([kmgKMG]?)[iI]?[bB]?$/.exec(f.text) ?? []
  const size = unit === undefined ? undefined : `${digits} ${unit === '' ? 'B' : `${unit.toUpperCase()}iB`}`
  return error('MICA1007', span, `\`${excerpt(f.text)}\` is not a number`, {
    help: size ? `did you mean \`${size}\`` : 'numbers are decimal or begin with `0x`, with `_` between digits',
    fix: replacing(span, size),
  })
}

export const malformedDigest = (f: { algorithm: string; expected: number; found: number }, span: Span): Diagnostic =>
  f.expected === f.found
    ? error('MICA1008', span, `a ${f.algorithm} digest has hexadecimal digits only`)
    : error('MICA1008', span, `a ${f.algorithm} digest has ${f.expected} hexadecimal digits, this has ${f.found}`)

export const malformedHex = (span: Span): Diagnostic =>
  error('MICA1009', span, '`hex:` is followed by hexadecimal digits, two for each byte')

export const tooManyProblems = (f: { shown: number }, span: Span): Diagnostic =>
  error('MICA1010', span, `more than ${f.shown} problems, the rest is not shown`)

// 11xx: syntax

/** What to say instead of the token that would have ended a list of items. */
const EXPECTED_IN_RULE: Readonly<Record<string, string>> = {
  file: 'an item',
  body: 'an item or `}`',
  side: 'a peer, `host`, `any` or a list in parentheses',
  value: 'a size or a number',
  property: 'a property',
}

export const unexpectedToken = (
  f: { found: string; expected: readonly string[]; rule: string; near: string | undefined; reserved: boolean },
  span: Span,
): Diagnostic => {
  const expected = EXPECTED_IN_RULE[f.rule] ?? oneOf(f.expected.slice(0, 6))
  const found = f.found === '' ? 'the end of the file' : `\`${excerpt(f.found)}\``
  const wantsName = f.expected.includes('a name')
  const help =
    didYouMean(f.near) ??
    (f.reserved && wantsName ? `\`${f.found}\` is a word of the language and cannot be a name` : undefined) ??
    HELP_IN_RULE[f.rule]
  return error('MICA1101', span, `expected ${expected}, found ${found}`, { help, fix: replacing(span, f.near) })
}

const ITEM_HELP =
  'an item begins with `version`, `peer`, `channel`, `memory`, `transition`, `assert` or `use`; in a pattern also `let`'
const HELP_IN_RULE: Readonly<Record<string, string>> = {
  file: 'a file holds `import`, then `let`, `peer` and `pattern`, then one `workflow` or any number of `policy`',
  body: ITEM_HELP,
  channelItem: 'a channel is written `channel NAME A -> B SIZE`, or with `<->`',
  memoryItem: 'a memory is written `memory NAME protected SIZE { A: read write, B: read }`',
  useItem: 'a pattern is used as `use PATTERN(a, 64 KiB) as NAME`',
  policyView: 'a view is written `policy NAME for PEER { … }`',
  transitionRule: 'a rule is written `call host_call, 0x10..0x1f: allow`',
  property:
    'properties are `S never reaches T`, `S reaches T only via X`, `acyclic`, `isolated A from B`, `closed`, `gateways are X`, `leakers are X` and `quiet X`',
  reach: 'write `S reaches T`, `S never reaches T`, `S reaches T only via X` or `S never reaches T except via X`',
}

export const misplacedItem = (f: { keyword: string; place: string }, span: Span): Diagnostic =>
  error('MICA1103', span, `\`${f.keyword}\` stands ${f.place}`)

export const noWorkflow = (span: Span): Diagnostic =>
  error('MICA1104', span, 'the file has no workflow and no policy', {
    help: 'write `workflow NAME { … }` around the items',
  })

export const severalWorkflows = (f: { first: Span; kinds: readonly [string, string] }, span: Span): Diagnostic =>
  error('MICA1105', span, 'a file has one workflow at most, or any number of policies', {
    help: f.kinds[0] === f.kinds[1] ? undefined : 'a workflow says what the policies of all its peers are',
    related: [{ message: `the first ${f.kinds[0]} is here`, span: f.first }],
  })

export const importOutside = (f: { path: string }, span: Span): Diagnostic =>
  error('MICA1106', span, `\`${excerpt(f.path)}\` is not the path of a file inside the project`, {
    help: 'paths start at the file that imports, and stay inside the project',
  })

export const importUnreadable = (f: { path: string }, span: Span): Diagnostic =>
  error('MICA1107', span, `the file \`${excerpt(f.path)}\` cannot be read`)

export const importCycle = (
  f: { path: string; chain: readonly { readonly file: string; readonly at: Span }[] },
  span: Span,
): Diagnostic =>
  error('MICA1108', span, `\`${excerpt(f.path)}\` is imported by what it imports`, {
    help: 'move what both need to a third file',
    related: f.chain.map(({ file, at }) => ({ message: `\`${excerpt(file)}\` is imported here`, span: at })),
  })

export const tooManyFiles = (f: { limit: number; what: 'files' | 'characters' }, span: Span): Diagnostic =>
  error('MICA1109', span, `more than ${f.limit} ${f.what} are imported`)

// 12xx: names

export const unknownName = (f: { name: string; kind: string; near: string | undefined }, span: Span): Diagnostic =>
  error('MICA1201', span, `unknown ${f.kind} \`${excerpt(f.name)}\``, {
    help: didYouMean(f.near),
    fix: replacing(span, f.near),
  })

const NAMED_TOGETHER: ReadonlySet<string> = new Set(['peer', 'channel', 'memory'])

export const duplicateName = (f: { name: string; kind: string; first: Span }, span: Span): Diagnostic =>
  error('MICA1202', span, `the name \`${excerpt(f.name)}\` is taken`, {
    help: NAMED_TOGETHER.has(f.kind) ? 'peers, channels and memories share one space of names' : undefined,
    related: [{ message: `\`${excerpt(f.name)}\` is first used here, for a ${f.kind}`, span: f.first }],
  })

export const wrongKindOfName = (
  f: { name: string; kind: string; wanted: string; declared: Span | undefined },
  span: Span,
): Diagnostic =>
  error('MICA1203', span, `\`${excerpt(f.name)}\` is a ${f.kind}, expected ${f.wanted}`, {
    related: f.declared ? [{ message: `\`${excerpt(f.name)}\` is declared here`, span: f.declared }] : [],
  })

export const nameTooLong = (f: { name: string; limit: number }, span: Span): Diagnostic =>
  error('MICA1204', span, `the name \`${excerpt(f.name)}\` has ${f.name.length} characters, more than ${f.limit}`)

export const circularLet = (f: { name: string }, span: Span): Diagnostic =>
  error('MICA1205', span, `\`${f.name}\` is defined by itself`)

export const severalVersions = (f: { first: Span }, span: Span): Diagnostic =>
  error('MICA1206', span, 'a workflow has at most one version', {
    fix: removing(span, 'it'),
    related: [{ message: 'the first version is here', span: f.first }],
  })

export const listedTwice = (f: { name: string; where: string; first: Span }, span: Span): Diagnostic =>
  error('MICA1207', span, `\`${excerpt(f.name)}\` is listed twice in ${f.where}`, {
    related: [{ message: 'the first time is here', span: f.first }],
  })

export const recursivePattern = (f: { pattern: string; declared: Span }, span: Span): Diagnostic =>
  error('MICA1208', span, `the pattern \`${f.pattern}\` is used by itself`, {
    related: [{ message: `\`${f.pattern}\` is declared here`, span: f.declared }],
  })

export const patternsTooDeep = (f: { limit: number }, span: Span): Diagnostic =>
  error('MICA1209', span, `patterns use each other more than ${f.limit} deep`)

export const argumentCount = (
  f: { pattern: string; expected: readonly string[]; found: number; declared: Span },
  span: Span,
): Diagnostic =>
  error('MICA1210', span, `\`${f.pattern}\` takes ${f.expected.length} arguments, found ${f.found}`, {
    help: f.expected.length > 0 ? `its parameters are ${oneOf(quoted(f.expected), 'and')}` : undefined,
    related: [{ message: `\`${f.pattern}\` is declared here`, span: f.declared }],
  })

export const argumentKind = (
  f: { parameter: string; pattern: string; wanted: string; used: Span },
  span: Span,
): Diagnostic =>
  error('MICA1211', span, `\`${f.parameter}\` of \`${f.pattern}\` stands for ${f.wanted}, this is none`, {
    related: [{ message: `\`${f.parameter}\` is used here`, span: f.used }],
  })

export const expandedTooFar = (f: { limit: number }, span: Span): Diagnostic =>
  error('MICA1212', span, `the patterns of the file say more than ${f.limit} items`)

export const instanceClash = (f: { name: string; item: Span; kind: string; first: Span }, span: Span): Diagnostic =>
  error('MICA1213', span, `the \`use\` declares \`${excerpt(f.name)}\`, and that name is taken`, {
    help: 'give the instance another name',
    related: [
      { message: `\`${excerpt(f.name)}\` comes from this item of the pattern`, span: f.item },
      { message: `\`${excerpt(f.name)}\` is first used here, for a ${f.kind}`, span: f.first },
    ],
  })

export const instanceNameTooLong = (f: { name: string; limit: number; item: Span }, span: Span): Diagnostic =>
  error(
    'MICA1214',
    span,
    `the \`use\` declares \`${excerpt(f.name)}\`, which has ${f.name.length} characters, more than ${f.limit}`,
    {
      help: 'give the instance a shorter name',
      related: [{ message: 'the end of the name comes from this item of the pattern', span: f.item }],
    },
  )

// 13xx: numbers and sizes

export const numberTooLarge = (span: Span): Diagnostic =>
  error('MICA1301', span, 'the number is too large', { help: 'no number of the language is above 2^53' })

export const sizeWithoutUnit = (f: { number: number }, span: Span): Diagnostic =>
  error('MICA1302', span, `the size \`${f.number}\` has no unit`, {
    help:
      f.number > 0 && f.number % 4096 === 0
        ? `did you mean \`${f.number / 1024} KiB\``
        : `write \`${f.number} KiB\`, or another of B, KiB, MiB and GiB`,
    fix: replacing(span, f.number > 0 && f.number % 4096 === 0 ? `${f.number / 1024} KiB` : undefined),
  })

export const unknownUnit = (f: { unit: string; near: string | undefined }, span: Span): Diagnostic =>
  error('MICA1303', span, `unknown unit \`${excerpt(f.unit)}\``, {
    help: didYouMean(f.near) ?? 'units are B, KiB, MiB and GiB',
    fix: replacing(span, f.near),
  })

export const sizeNotWhole = (f: { bytes: number; literal: boolean }, span: Span): Diagnostic =>
  error('MICA1304', span, `a size of ${f.bytes} bytes is not a multiple of 4 KiB`, {
    help: `the next size is \`${Math.ceil(f.bytes / 4096) * 4} KiB\``,
    fix: f.literal ? replacing(span, `${Math.ceil(f.bytes / 4096) * 4} KiB`) : undefined,
  })

export const sizeOutOfRange = (f: { limit: string }, span: Span): Diagnostic =>
  error('MICA1305', span, `a size is at least 4 KiB and at most ${f.limit}`)

export const expectedSize = (f: { name: string; defined: Span }, span: Span): Diagnostic =>
  error('MICA1306', span, `\`${f.name}\` is a number, expected a size`, {
    help: 'give it a unit where it is defined',
    related: [{ message: `\`${f.name}\` is defined here`, span: f.defined }],
  })

export const expectedNumber = (f: { what: string }, span: Span): Diagnostic =>
  error('MICA1307', span, `${f.what} is a number without a unit`)

export const numberOutOfRange = (f: { what: string; minimum: number; maximum: number }, span: Span): Diagnostic =>
  error('MICA1308', span, `${f.what} is between ${f.minimum} and ${f.maximum}`)

export const addressNotAligned = (span: Span): Diagnostic =>
  error('MICA1309', span, 'an address is a multiple of 4 KiB', { help: 'its last three hexadecimal digits are zero' })

export const addressOutOfRange = (span: Span): Diagnostic =>
  error('MICA1310', span, 'the memory does not end below 2^37', {
    help: 'an address counts from the start of its half of the address space',
  })

export const emptyRange = (span: Span): Diagnostic =>
  error('MICA1311', span, 'the range ends before it begins', { help: 'exchange its ends' })

// 14xx: peers

export const sameIdentity = (f: { peer: string; other: string; by: string; first: Span }, span: Span): Diagnostic =>
  error('MICA1401', span, `\`${f.peer}\` and \`${f.other}\` have the same ${f.by} and cannot be told apart`, {
    help:
      span.use === undefined
        ? 'give each of them an `rpv` of its own'
        : 'declare the peer before the `use`, and hand it to the pattern',
    related: [{ message: `\`${f.other}\` is declared here`, span: f.first }],
  })

export const mixedDigests = (f: { first: Span }, span: Span): Diagnostic =>
  error('MICA1402', span, 'the digests of a file are all of one algorithm', {
    related: [{ message: 'the first digest is here', span: f.first }],
  })

export const tooManyRims = (f: { count: number; limit: number }, span: Span): Diagnostic =>
  error('MICA1403', span, `a peer has at most ${f.limit} measurements, this one has ${f.count}`)

export const rpvTooLong = (f: { length: number; limit: number }, span: Span): Diagnostic =>
  error('MICA1404', span, `an rpv has at most ${f.limit} bytes, this has ${f.length}`)

export const labelInThisTarget = (f: { peer: string }, span: Span): Diagnostic =>
  error('MICA1405', span, `\`label\` says nothing in this target, \`${f.peer}\` would be anyone`, {
    help: 'write `image "…"` or `rim sha256:…`',
  })

export const missingMeasurement = (f: { peer: string; image: string }, span: Span): Diagnostic =>
  error('MICA1406', span, `the measurement of \`${excerpt(f.image)}\`, the image of \`${f.peer}\`, is not known`, {
    help: 'build the image first',
  })

// 15xx: memories

export const selfChannel = (f: { channel: string; peer: string; first: Span }, span: Span): Diagnostic =>
  error('MICA1501', span, `\`${f.peer}\` is at both ends of \`${f.channel}\``, {
    help: 'a channel joins different peers',
    related: [{ message: 'the other end is here', span: f.first }],
  })

export const hostOppositeStranger = (f: { channel: string }, span: Span): Diagnostic =>
  error('MICA1502', span, `\`host\` stands opposite a named gateway only, in \`${f.channel}\` it does not`)

export const hostNotAlone = (f: { channel: string }, span: Span): Diagnostic =>
  error('MICA1503', span, `\`host\` stands alone at its end of \`${f.channel}\``, {
    help: 'write a channel to `host` and another to the peers',
  })

export const hostInMemory = (f: { memory: string }, span: Span): Diagnostic =>
  error('MICA1504', span, `\`${f.memory}\` lists \`host\``, {
    help: 'the host may always reach unprotected memory, and never reaches protected memory',
  })

export const notAGateway = (f: { peer: string; memory: string; declared: Span; item: Span }, span: Span): Diagnostic =>
  error('MICA1505', span, `\`${f.peer}\` has the unprotected memory \`${f.memory}\` and is no gateway`, {
    help: `write \`gateway peer ${f.peer}\` if it is meant to meet the host`,
    related: [{ message: `\`${f.peer}\` is declared here`, span: f.declared }],
    fix: inserting(f.item, 'gateway '),
  })

export const anyInUnprotected = (f: { memory: string }, span: Span): Diagnostic =>
  error('MICA1506', span, `the unprotected memory \`${f.memory}\` lists \`any\``, {
    help: 'unprotected memory is for named gateways',
  })

export const eachNotAlone = (f: { channel: string }, span: Span): Diagnostic =>
  error('MICA1507', span, `\`each any\` stands alone at one end of \`${f.channel}\`, opposite named peers`)

export const eachWithoutCount = (span: Span): Diagnostic =>
  error('MICA1508', span, '`each any` has no count', { help: 'write `each any(8)`' })

export const severalAny = (f: { memory: string; first: Span }, span: Span): Diagnostic =>
  error('MICA1509', span, `\`${f.memory}\` lists \`any\` twice`, {
    help: 'a component that no name fits would fit both',
    related: [{ message: 'the first is here', span: f.first }],
  })

export const nobodyNamed = (f: { memory: string }, span: Span): Diagnostic =>
  error('MICA1510', span, `\`${f.memory}\` names no peer`, {
    help: 'a memory is part of the policy of a peer that it names',
  })

export const cannotBePaced = (f: { channel: string }, span: Span): Diagnostic =>
  error('MICA1511', span, `\`${f.channel}\` cannot be \`paced\``, {
    help: 'only a one-way channel between peers is: other channels carry answers themselves',
    fix: removing(span, '`paced`'),
  })

export const unknownMemoryKind = (f: { kind: string; near: string | undefined }, span: Span): Diagnostic =>
  error('MICA1512', span, `a memory is \`protected\` or \`unprotected\`, not \`${excerpt(f.kind)}\``, {
    help: didYouMean(f.near),
    fix: replacing(span, f.near),
  })

export const executableUnprotected = (f: { memory: string; alone: boolean }, span: Span): Diagnostic =>
  error('MICA1513', span, `the unprotected memory \`${f.memory}\` is executable`, {
    help: 'the host can write it, so nothing may run from it',
    fix: f.alone ? undefined : removing(span, '`execute`'),
  })

export const pinnedOverlap = (
  f: { memory: string; other: string; peer: string; first: Span },
  span: Span,
): Diagnostic =>
  error('MICA1514', span, `\`${f.memory}\` and \`${f.other}\` overlap in \`${f.peer}\``, {
    related: [{ message: `\`${f.other}\` is declared here`, span: f.first }],
  })

export const noRoom = (f: { reason: string }, span: Span): Diagnostic => error('MICA1515', span, f.reason)

export const tooManyMemories = (f: { limit: number }, span: Span): Diagnostic =>
  error('MICA1516', span, `the file has more than ${f.limit} memories`, {
    help: 'a policy holds 256 of them at most; write a workflow for each part',
  })

// 16xx: transitions

export const unknownTransitionClass = (f: { name: string; near: string | undefined }, span: Span): Diagnostic =>
  error('MICA1601', span, `unknown class of transitions \`${excerpt(f.name)}\``, {
    help: didYouMean(f.near) ?? 'classes are `call`, `exception` and `interrupt`',
    fix: replacing(span, f.near),
  })

export const unknownAction = (f: { name: string; near: string | undefined }, span: Span): Diagnostic =>
  error('MICA1602', span, `unknown action \`${excerpt(f.name)}\``, {
    help: didYouMean(f.near) ?? 'actions are `allow`, `scrub` and `block`',
    fix: replacing(span, f.near),
  })

export const unknownTransitionId = (
  f: { name: string; class: string; near: string | undefined; known: readonly string[] },
  span: Span,
): Diagnostic =>
  error('MICA1603', span, `\`${excerpt(f.name)}\` names no ${f.class}`, {
    help:
      didYouMean(f.near) ?? (f.known.length > 0 ? `names are ${oneOf(quoted(f.known), 'and')}` : 'write its number'),
    fix: replacing(span, f.near),
  })

export const transitionRepeated = (f: { peer: string; class: string; first: Span }, span: Span): Diagnostic =>
  error('MICA1604', span, `two rules of \`${f.peer}\` are about one ${f.class}`, {
    related: [{ message: 'the other rule is here', span: f.first }],
  })

export const belowForced = (f: { id: string; class: string; action: Span | undefined }, span: Span): Diagnostic =>
  error('MICA1605', span, `the ${f.class} \`${f.id}\` cannot be blocked`, {
    fix: f.action && replacing(f.action, 'scrub'),
    help: 'it is always scrubbed: the host learns that it happened and nothing else',
  })

// 17xx: assertions

export const assertionViolated = (
  f: { assertion: string; reason: string; path: readonly Related[]; from: string; writers: readonly string[] },
  span: Span,
): Diagnostic =>
  error('MICA1701', span, `\`${f.assertion}\` does not hold: ${f.reason}`, {
    help:
      f.writers.length === 0
        ? undefined
        : `what is in \`${f.from}\` is held by who writes it, too: ${oneOf(quoted(f.writers), 'and')}`,
    related: f.path,
  })

export const viaIsEnd = (f: { name: string }, span: Span): Diagnostic =>
  error('MICA1702', span, `\`${f.name}\` is an end of the paths, it cannot lie between their ends`)

export const nothingToConfine = (f: { name: string; declared: Span | undefined }, span: Span): Diagnostic =>
  error(
    'MICA1703',
    span,
    `nothing is assumed of \`${f.name}\`: it is no open peer, no peer without identity and no memory of \`any\``,
    {
      related: f.declared ? [{ message: `\`${f.name}\` is declared here`, span: f.declared }] : [],
    },
  )

export const sameEnds = (f: { name: string }, span: Span): Diagnostic =>
  error('MICA1704', span, `\`${f.name}\` cannot be isolated from itself`)

export const assertedBeside = (f: { digest: Span }, span: Span): Diagnostic =>
  error('MICA1705', span, 'a digest stands for all assertions, no other is beside it', {
    related: [{ message: 'the digest is here', span: f.digest }],
  })

export const assertedDigest = (span: Span): Diagnostic =>
  error('MICA1706', span, 'the digest of assertions is a sha256 digest')

// 18xx: limits and encoding

export const overLimit = (
  f: { open: string | number | undefined; reason: string; item: Span | undefined },
  span: Span,
): Diagnostic =>
  error('MICA1801', span, f.reason, {
    help:
      f.open === undefined
        ? 'let several peers do its work, or admit components with `any`'
        : `write \`open peer ${f.open}\`: policies end at an open peer`,
    fix: f.item && inserting(f.item, 'open '),
  })

export const notEncodable = (f: { peer: string; reason: string }, span: Span): Diagnostic =>
  error('MICA1802', span, `the policy of \`${f.peer}\` cannot be written: ${f.reason}`)

export const incompatible = (
  f: {
    a: string
    b: string | undefined
    reason: string
    rule: string
    places: readonly Related[]
    /** What the other lists and this does not, and how to list it here, too. */
    unlisted: { text: string; fix: Fix | undefined } | undefined
  },
  span: Span,
): Diagnostic =>
  error(
    'MICA1803',
    span,
    f.b === undefined
      ? `\`${f.a}\` would be refused: ${f.reason}`
      : `\`${f.a}\` and \`${f.b}\` would be refused together: ${f.reason}`,
    {
      help: `the rule is \`${f.rule}\`${f.unlisted === undefined ? '' : `: list \`${f.unlisted.text}\` here, too`}`,
      related: f.places,
      fix: f.unlisted?.fix,
    },
  )

export const notInPolyV1 = (f: { peer: string; reason: string }, span: Span): Diagnostic =>
  error('MICA1804', span, `the policy of \`${f.peer}\` cannot be written for \`poly-v1\`: ${f.reason}`)

// 19xx: warnings

export const gatewayWithoutHostMemory = (f: { peer: string; word: Span | undefined }, span: Span): Diagnostic =>
  warning('MICA1901', span, `the gateway \`${f.peer}\` has no channel with \`host\``, {
    help: 'drop `gateway`',
    fix: f.word && removing(f.word, '`gateway`'),
  })

export const unusedPeer = (f: { peer: string; item: Span | undefined }, span: Span): Diagnostic =>
  warning('MICA1902', span, `the peer \`${f.peer}\` has no channel`, { fix: f.item && removing(f.item, 'it') })

export const noIdentity = (f: { peer: string }, span: Span): Diagnostic =>
  warning('MICA1903', span, `the peer \`${f.peer}\` has no identity, anyone may take its place`, {
    help: 'write `image "…"` or `rim sha256:…`',
  })

export const unansweredRight = (f: { memory: string; right: 'read' | 'write' }, span: Span): Diagnostic =>
  warning(
    'MICA1904',
    span,
    `nobody ${f.right === 'read' ? 'writes' : 'reads'} what \`${f.memory}\` lets its peers ${f.right}`,
  )

export const strangersReadEachOther = (f: { memory: string; counted: boolean }, span: Span): Diagnostic =>
  warning('MICA1905', span, `the strangers that share \`${f.memory}\` can read each other`, {
    help: 'write `each any(n)` for a memory each',
    fix: f.counted ? inserting(span, 'each ') : undefined,
  })

export const everythingAllowed = (f: { peer: string; class: string }, span: Span): Diagnostic =>
  warning('MICA1906', span, `\`${f.peer}\` allows every ${f.class} that no rule names`, {
    help: 'name what is needed; the rest is blocked',
  })

export const scrubbedService = (f: { name: string; action: Span | undefined }, span: Span): Diagnostic =>
  warning('MICA1907', span, `\`${f.name}\` is answered by the monitor, \`scrub\` means \`block\` here`, {
    help: 'write `block`',
    fix: f.action && replacing(f.action, 'block'),
  })

export const impliedAssertion = (f: { other: string; first: Span }, span: Span): Diagnostic =>
  warning('MICA1908', span, `the assertion follows from \`${f.other}\``, {
    related: [{ message: 'which is here', span: f.first }],
    fix: removing(span, 'it'),
  })

export const cannotFail = (f: { why: string }, span: Span): Diagnostic =>
  warning('MICA1909', span, `the assertion cannot fail: ${f.why}`, { fix: removing(span, 'it') })

export const unreachablePeer = (f: { peer: string; others: readonly string[] }, span: Span): Diagnostic =>
  warning('MICA1910', span, `no channel joins \`${f.peer}\` to the rest of the workflow`, {
    help: f.others.length > 0 ? `the rest is ${oneOf(quoted(f.others), 'and')}` : undefined,
  })

export const ambiguousStrangers = (f: { memory: string; first: string; second: string }, span: Span): Diagnostic =>
  warning('MICA1911', span, `whoever fits \`${f.first}\` fits \`${f.second}\`, so nobody is let into \`${f.memory}\``, {
    help: 'give one of them an identity',
  })

export const differsInPolyV1 = (f: { peer: string; reason: string }, span: Span): Diagnostic =>
  warning('MICA1912', span, `the policy of \`${f.peer}\` is written otherwise for \`poly-v1\`: ${f.reason}`)

export const imageOutOfDate = (f: { peer: string; image: string }, span: Span): Diagnostic =>
  warning('MICA1913', span, `\`${excerpt(f.image)}\`, the image of \`${f.peer}\`, is not the one in the lock`, {
    help: 'compile the workflow again',
  })

export const unusedName = (f: { name: string; kind: 'constant' | 'pattern'; item: Span }, span: Span): Diagnostic =>
  warning('MICA1914', span, `the ${f.kind} \`${excerpt(f.name)}\` is not used`, { fix: removing(f.item, 'it') })
