/** Input that is not what it has to be. Anything a stranger can send ends in one of these, never in a throw. */
export interface Refusal {
  readonly kind: 'refused'
  /** One line: lower case, no period, safe to print. */
  readonly reason: string
}

/** Makes a {@link Refusal}. */
export const refused = (reason: string): Refusal => ({ kind: 'refused', reason })
