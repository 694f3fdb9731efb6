import { readFileSync } from 'node:fs'

/** Something that a module takes from another, for its value: types are not there when the program runs. */
export interface ValueImport {
  readonly from: string
  /** As the other module calls them; `*` for all of them. */
  readonly names: readonly string[]
}

/** What a module imports or exports again. */
export function valueImports(source: string): readonly ValueImport[] {
  const statement = /^(?:import|export) (?!type )(?:(\*)(?: as \w+)?|\{([^}]*)\}) from\s'([^']+)'/gm
  return [...source.matchAll(statement)].flatMap(([, all, list = '', from]) => {
    const names = all === undefined ? namesOf(list) : ['*']
    return names.length === 0 ? [] : [{ from: from!, names }]
  })
}

function namesOf(list: string): readonly string[] {
  const items = list.split(',').map((item) => item.trim())
  return items.filter((item) => item !== '' && !item.startsWith('type ')).map((item) => item.split(' as ')[0]!)
}

/**
 * The modules of a package that run when these names of its entry are used: those that define them, and all that these
 * import in turn. The entry itself only hands on, and is none of them.
 */
export function modulesBehind(entry: URL, names: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { from, names: offered } of valueImports(readFileSync(entry, 'utf8'))) {
    if (offered.some((name) => names.has(name) || names.has('*'))) found.add(new URL(from, entry).href)
  }
  // A set is walked in the order of insertion, additions included.
  for (const module of found) {
    for (const { from } of valueImports(readFileSync(new URL(module), 'utf8'))) {
      if (from.startsWith('.')) found.add(new URL(from, module).href)
    }
  }
  return found
}
