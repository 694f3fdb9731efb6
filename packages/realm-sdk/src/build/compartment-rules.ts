/**
 * What a hardened compartment refuses to evaluate, wherever it stands: it looks at the text, so a string or a comment
 * counts as well.
 */
const refused: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\bimport\s*(?:\(|\/[/*])/, 'a dynamic import'],
  [/\beval\s*(?:\(|\/[/*])/, 'a direct call of eval'],
  [/<!--|-->/, 'an HTML-like comment'],
]

/** A place in an image's text that no compartment would evaluate. */
export interface Refusal {
  readonly what: string
  /** The text around the place, on one line. */
  readonly near: string
}

/** The first thing in a script that a compartment refuses, or `undefined`. */
export function refusedByCompartment(script: string): Refusal | undefined {
  for (const [pattern, what] of refused) {
    const match = pattern.exec(script)
    if (match === null) continue
    const near = script.slice(Math.max(0, match.index - 40), match.index + 40).replace(/\s+/g, ' ')
    return { what, near }
  }
  return undefined
}
