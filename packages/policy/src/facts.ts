/**
 * A reason, as data: why a policy, a pair, a set or a report is not acceptable.
 *
 * `facts` are the values the sentence needs; `origins` are what the caller attached to the items concerned (source
 * positions, for a compiler), opaque to this package.
 */
export interface Fact {
  readonly code: `MICA3${string}`
  /** Name of the rule that failed, in kebab case. */
  readonly rule: FactRule
  readonly facts: Readonly<Record<string, string | number>>
  readonly origins: readonly unknown[]
}

/** Every rule that this package decides, in order of code. */
export type FactRule =
  | 'blob-too-long'
  | 'blob-not-cbor'
  | 'blob-wrong-shape'
  | 'blob-not-canonical'
  | 'unknown-format'
  | 'over-limit'
  | 'bad-name'
  | 'duplicate-name'
  | 'index-out-of-range'
  | 'bad-identity'
  | 'same-identity'
  | 'bad-size'
  | 'bad-rights'
  | 'executable-unprotected'
  | 'outside-address-space'
  | 'overlapping-memories'
  | 'duplicate-mapping'
  | 'bad-any-count'
  | 'bad-pacing'
  | 'bad-ranges'
  | 'overlapping-transitions'
  | 'below-forced'
  | 'bad-digest'
  | 'self-rim-differs'
  | 'self-rpv-differs'
  | 'self-not-gateway'
  | 'self-not-in-memory'
  | 'peer-not-admitted'
  | 'peer-ambiguous'
  | 'name-differs'
  | 'kind-differs'
  | 'size-differs'
  | 'pacing-differs'
  | 'rights-wider'
  | 'address-differs'
  | 'peer-not-gateway'
  | 'strict-memory-unlisted'
  | 'strict-mapping-unlisted'
  | 'strict-rights-wider'
  | 'strict-transition-wider'
  | 'strict-peer-wider'
  | 'memory-unknown'
  | 'memory-held-twice'
  | 'mapping-held'
  | 'any-over-count'
  | 'unknown-peer'
  | 'closure-over-limit'
  | 'own-over-limit'
  | 'unmeasured-image'
  | 'no-free-address'
  | 'group-too-long'
  | 'group-not-cbor'
  | 'group-wrong-shape'
  | 'group-not-canonical'
  | 'group-body-refused'
  | 'group-digest-differs'
  | 'group-expands-too-far'
  | 'poly-magic'
  | 'poly-cut-short'
  | 'poly-trailing-bytes'
  | 'poly-bad-value'
  | 'poly-not-canonical'
  | 'same-label'
  | 'poly-cannot-say'
  | 'poly-same-name'
  | 'poly-short-name'
  | 'poly-not-carried'

/** Code and sentence of each rule; `{x}` stands for the fact `x`. */
const RULES: Readonly<Record<FactRule, readonly [number: number, sentence: string]>> = {
  'blob-too-long': [1, 'the blob has {length} bytes, over the limit of {limit}'],
  'blob-not-cbor': [2, 'the blob is no deterministic CBOR: {reason} at byte {offset}'],
  'blob-wrong-shape': [3, '{where} is not {expected}'],
  'blob-not-canonical': [4, 'the blob is not in canonical form: encoded again, it differs at byte {offset}'],
  'unknown-format': [5, 'blob format {format} is unknown; this reader knows {known}'],
  'over-limit': [6, '{count} {what}, over the limit of {limit}'],
  'bad-name': [7, 'the name of {what} {index} has {length} bytes; a name has 1 to 32'],
  'duplicate-name': [8, 'two {what} are called `{name}`'],
  'index-out-of-range': [9, '{where} names peer {index}, and there are {count}'],
  'bad-identity': [10, 'the identity of peer `{peer}` is malformed: {problem}'],
  'same-identity': [11, 'peers `{first}` and `{second}` have one measurement and no value that tells them apart'],
  'bad-size': [12, 'memory `{memory}` has {granules} granules; a memory has 1 to {limit}'],
  'bad-rights': [13, 'a mapping of memory `{memory}` has rights {rights}; rights are 1 to 15'],
  'executable-unprotected': [14, 'memory `{memory}` is unprotected and may not be executable'],
  'outside-address-space': [15, 'memory `{memory}` at granule {granule} leaves its half of the address space'],
  'overlapping-memories': [16, 'memories `{first}` and `{second}` overlap in the address space of `{peer}`'],
  'duplicate-mapping': [17, 'memory `{memory}` lists `{peer}` twice'],
  'bad-any-count': [18, 'a mapping of memory `{memory}` has a count that means nothing'],
  'bad-pacing': [19, 'memory `{memory}` is paced, and not a protected one-way channel'],
  'bad-ranges': [20, 'the ids of a transition of `{peer}` are not sorted, disjoint, merged and in range'],
  'overlapping-transitions': [21, 'two transitions of `{peer}` name {class} {id}'],
  'below-forced': [22, '`{peer}` may not block {class} {id}: it always happens, scrubbed at least'],
  'bad-digest': [23, 'the assertion digest has {length} bytes; it has 32'],
  'self-rim-differs': [30, 'the policy is that of `{peer}`, whose measurement is another'],
  'self-rpv-differs': [31, 'the policy is that of `{peer}`, whose personalization value is another'],
  'self-not-gateway': [32, '`{peer}` has unprotected memory `{memory}` and is no gateway'],
  'self-not-in-memory': [33, '`{peer}` has no place in memory `{memory}`'],
  'peer-not-admitted': [40, 'memory `{memory}` of `{by}` admits no component with this identity'],
  'peer-ambiguous': [41, 'a component fits {count} places in memory `{memory}` of `{by}`'],
  'name-differs': [42, 'one memory is called `{memory}` by `{by}` and `{theirs}` by its peer'],
  'kind-differs': [43, 'memory `{memory}` is protected in one policy and unprotected in the other'],
  'size-differs': [44, 'memory `{memory}` has {granules} granules for `{by}` and {theirs} for `{of}`'],
  'pacing-differs': [45, 'memory `{memory}` is paced in one policy and not in the other'],
  'rights-wider': [46, '`{of}` takes rights {rights} in memory `{memory}`, and `{by}` grants it {granted}'],
  'address-differs': [47, '`{of}` has memory `{memory}` elsewhere than `{by}` says'],
  'peer-not-gateway': [48, '`{of}` lists unprotected memory `{memory}`, and is no gateway for `{by}`'],
  'strict-memory-unlisted': [50, '`{of}` lists memory `{memory}`, which `{by}` does not, and holds it strict'],
  'strict-mapping-unlisted': [
    51,
    '`{of}` lists `{peer}` in memory `{memory}`, which `{by}` does not, and holds it strict',
  ],
  'strict-rights-wider': [
    52,
    '`{of}` lists wider rights of `{peer}` in memory `{memory}` than `{by}`, which holds it strict',
  ],
  'strict-transition-wider': [
    53,
    '`{of}` lists {action} for {class} {id} of `{peer}`, wider than `{by}`, which holds it strict',
  ],
  'strict-peer-wider': [54, '`{of}` says more of peer `{peer}` than `{by}`, which holds it strict: {what}'],
  'memory-unknown': [60, 'member {member} holds memory {memory}, which its policy does not have'],
  'memory-held-twice': [61, 'member {member} holds memory `{memory}` in two channels, or one channel as two memories'],
  'mapping-held': [62, '{count} components hold one place in memory `{memory}` of `{by}`'],
  'any-over-count': [63, '{count} components use memory `{memory}` of `{by}`, which admits {limit}'],
  'unknown-peer': [70, 'the workflow has no peer `{peer}`'],
  'closure-over-limit': [
    71,
    'the policy of `{peer}` holds {count} {what}, over the limit of {limit}; opening `{open}` ends it there',
  ],
  'unmeasured-image': [72, 'the image of `{peer}` has no measurement yet'],
  'no-free-address': [73, 'there is no room for memory `{memory}` in the address space of its peers'],
  'own-over-limit': [74, '`{peer}` alone brings {count} {what} into its policy, over the limit of {limit}'],
  'group-too-long': [80, 'the group has {length} bytes, over the limit of {limit}'],
  'group-not-cbor': [81, 'the group is no deterministic CBOR: {reason} at byte {offset}'],
  'group-wrong-shape': [82, '{where} is not {expected}'],
  'group-not-canonical': [83, 'the group is not in canonical form: encoded again, it differs at byte {offset}'],
  'group-body-refused': [84, 'policy {body} of the group is refused: {why}'],
  'group-digest-differs': [85, 'the policy of member {member} is not the one of its digest'],
  'group-expands-too-far': [86, 'the policies of the group expand to more than {limit} bytes'],
  'poly-magic': [90, 'the bytes do not begin as `POLY` does'],
  'poly-cut-short': [91, 'the bytes end after {length}, inside {where}'],
  'poly-trailing-bytes': [92, '{count} bytes follow the last record'],
  'poly-bad-value': [93, '{where} is {value}; it is {expected}'],
  'poly-not-canonical': [94, 'written again, the policy differs at byte {offset}'],
  'same-label': [95, 'peers `{first}` and `{second}` have the label {label}, and nothing tells them apart'],
  'poly-cannot-say': [96, '`POLY` v1 cannot say {what}'],
  'poly-same-name': [97, '`{first}` and `{second}` would both be called `{short}` in `POLY` v1'],
  'poly-short-name': [98, '`{name}` is called `{short}` in `POLY` v1, whose names have at most 4 bytes'],
  'poly-not-carried': [99, '`POLY` v1 does not carry {what}'],
}

/** Makes the fact of a rule. Origins of items that came from no source are left out. */
export function makeFact(
  rule: FactRule,
  facts: Readonly<Record<string, string | number>> = {},
  origins: readonly unknown[] = [],
): Fact {
  const code = `MICA3${String(RULES[rule][0]).padStart(3, '0')}` as const
  return { code, rule, facts, origins: origins.filter((origin) => origin !== undefined) }
}

/** The number of a fact's rule, 1 to 999: what the monitor returns as a reason. */
export function ruleNumber(fact: Fact): number {
  return RULES[fact.rule][0]
}

/** The rule of a number that the monitor returned, or `undefined` if there is none. */
export function ruleOfNumber(number: number): FactRule | undefined {
  for (const [rule, [candidate]] of Object.entries(RULES)) if (candidate === number) return rule as FactRule
  return undefined
}

/** A fact in one English line: lower case, no period, names in backticks. */
export function describeFact(fact: Fact): string {
  return RULES[fact.rule][1].replace(/\{(\w+)\}/g, (_, name: string) => printable(fact.facts[name] ?? '?'))
}

// Names come from blobs of strangers: a control character must not reach somebody's terminal.
function printable(value: string | number): string {
  return String(value).replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}
