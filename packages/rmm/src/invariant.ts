/** The monitor found itself in a state that its own code excludes. A bug: nothing that a host or a Realm can cause. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Throws {@link InvariantError} with a sentence about what holds, if it does not. */
export function invariant(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new InvariantError(sentence)
}
