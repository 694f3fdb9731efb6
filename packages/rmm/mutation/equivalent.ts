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
    file: 'rmm/src/mica/group-snapshot.ts',
    line: 'if (memories.has(memory)) continue',
    from: 'continue',
    to: '{}',
    why: 'a set holds nothing twice: it only saves asking all holders again',
  },
  {
    file: 'rmm/src/mica/missing-ram.ts',
    line: 'if (!realm.isProtected(ipa)) return',
    from: 'return',
    to: '{}',
    why: 'nothing is declared RAM outside of the protected half: it only saves the walk',
  },
  {
    file: 'rmm/src/mica/missing-ram.ts',
    line: 'for (let i = 0; i < startTables; i++) count({ table: startTable + i, level: startLevel, lpa2 }, i * tableSize)',
    from: '<',
    to: '<=',
    why: 'one table more would be for addresses beyond the protected half, where counting ends at once',
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
    file: 'rmm/src/mica/upload-policy.ts',
    line: 'const refusals = state.find(realm)?.refusals ?? 0',
    from: 'state.find(realm)?.refusals ?? 0',
    to: 'state.find(realm)?.refusals',
    why: 'no count at all is below every limit, too; only the compiler wants it said',
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
  ...[
    "invariant(granule !== undefined, 'a shared entry names a granule')",
    "invariant(shared?.granule === granule, 'a shared entry and the record of its mapping agree')",
  ].map((line) => ({
    file: 'rmm/src/mica/data-destroy-shared.ts',
    line,
    from: line,
    to: '{}',
    why: 'it fails only by a mistake elsewhere, which is what it is for',
  })),
  {
    file: 'rmm/src/mica/pace.ts',
    line: 'return (now < last ? now : now - last) >= quantum',
    from: '<',
    to: '<=',
    why: 'every call takes time, so no two are made at the same count',
  },
  {
    file: 'rmm/src/mica/policy-status.ts',
    line: 'digest: known?.frozen?.digest ?? new Uint8Array(0),',
    from: 'known?.frozen?.digest ?? new Uint8Array(0)',
    to: 'known?.frozen?.digest',
    why: 'a field that is not given is written as zeroes, too; only the compiler wants it said',
  },
  {
    file: 'rmm/src/mica/realm-pd.ts',
    line: 'const pds = state.find(realm)?.pds.length ?? 0',
    from: 'state.find(realm)?.pds.length ?? 0',
    to: 'state.find(realm)?.pds.length',
    why: 'no count at all is below every limit, too; only the compiler wants it said',
  },
  {
    file: 'rmm/src/mica/unprotected.ts',
    line: 'return',
    from: 'return',
    to: '{}',
    why: 'the entry of a table is no mapping of the host’s, which the next condition says, too',
  },
]
