/** One small mistake in one place of a source file. */
export interface Mutant {
  /** Line of the place, from 1. */
  readonly line: number
  /** What stands there, and what stands there instead. */
  readonly from: string
  readonly to: string
  /** The whole file with the mistake in it. */
  readonly text: string
}

/** Each comparison the other way round, and one off where there is an edge. Biome puts a blank on both sides of each. */
const COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  '===': ['!=='],
  '!==': ['==='],
  '<': ['>=', '<='],
  '<=': ['>', '<'],
  '>': ['<=', '>='],
  '>=': ['<', '>'],
}

/** Functions that make the answer of a command, and what makes the answer another one. */
const ANSWERS: readonly (readonly [names: string, flipped: (call: string) => string])[] = [
  [
    'success|inputError|realmError|rttError',
    (call) => `((answer) => ({ ...answer, status: answer.status === 0 ? 1 : 0 }))(${call})`,
  ],
  [
    'rsiSuccess|rsiInputError|rsiStateError|answer',
    (call) => `((answer) => ({ ...answer, x0: answer.x0 === 0n ? 1n : 0n }))(${call})`,
  ],
  ['refuse|refuseFact', () => 'undefined'],
]

/** Every mutant of a source file, in the order of their places: comparisons, answers of commands, and truth values returned. */
export function mutantsOf(source: string): readonly Mutant[] {
  const code = withoutText(source)
  const mutants: (Mutant & { readonly at: number })[] = []
  const add = (at: number, length: number, to: string): void => {
    const from = source.slice(at, at + length)
    const text = source.slice(0, at) + to + source.slice(at + length)
    mutants.push({ at, line: source.slice(0, at).split('\n').length, from, to, text })
  }
  for (const { 1: operator, index } of code.matchAll(/ (===|!==|<=|>=|<|>)(?=\s)/g)) {
    for (const other of COMPARISONS[operator!]!) add(index + 1, operator!.length, other)
  }
  for (const [names, flipped] of ANSWERS) {
    for (const match of code.matchAll(new RegExp(`(?<!function )(?<![\\w.])(?:${names})\\(`, 'g'))) {
      const length = callLength(code, match.index)
      add(match.index, length, flipped(source.slice(match.index, match.index + length)))
    }
  }
  for (const { 1: value, index } of code.matchAll(/\breturn (true|false)\b/g)) {
    add(index + 'return '.length, value!.length, value === 'true' ? 'false' : 'true')
  }
  return mutants.sort((a, b) => a.at - b.at)
}

/** Comments and string literals blanked out, everything else where it was. */
function withoutText(source: string): string {
  const text = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g
  return source.replace(text, (found) => found.replace(/[^\n]/g, ' '))
}

/** Characters of a call, from its name to its closing parenthesis. */
function callLength(code: string, start: number): number {
  let depth = 0
  for (let at = code.indexOf('(', start); at < code.length; at++) {
    if (code[at] === '(') depth++
    else if (code[at] === ')' && --depth === 0) return at + 1 - start
  }
  throw new RangeError('a call that does not end')
}
