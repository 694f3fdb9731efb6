import { readdirSync, readFileSync } from 'node:fs'
import { codeLines } from './code-lines.ts'
import { modulesBehind, valueImports } from './imports.ts'

/** A part of what has to be trusted: how many files, and lines of code in them. */
export interface Part {
  readonly name: string
  readonly files: readonly string[]
  readonly lines: number
}

const packages = new URL('../../', import.meta.url)
const monitor = new URL('rmm/src/', packages)
/** Entries of the package of policies, by the name that they are imported by. */
const ENTRIES: Readonly<Record<string, URL>> = {
  '@mica/policy': new URL('policy/src/index.ts', packages),
  '@mica/policy/cbor': new URL('policy/src/cbor/index.ts', packages),
}

/** The monitor without its extension, the extension, and those parts of `policy` that either runs. */
export function countTrusted(): readonly Part[] {
  const files = readdirSync(monitor, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const own = files.sort().map((file) => new URL(file, monitor).href)
  const isExtension = (file: string): boolean => file.startsWith(new URL('mica/', monitor).href)
  return [
    partOf(
      'monitor',
      own.filter((file) => !isExtension(file)),
    ),
    partOf('extension', own.filter(isExtension)),
    partOf('policy, as far as they run it', policyModules(own)),
  ]
}

function policyModules(own: readonly string[]): readonly string[] {
  const imports = own.flatMap((file) => valueImports(textOf(file)))
  const found = Object.entries(ENTRIES).flatMap(([name, entry]) => {
    const names = imports.filter(({ from }) => from === name).flatMap((one) => one.names)
    return [...modulesBehind(entry, new Set(names))]
  })
  return [...new Set(found)].sort()
}

function partOf(name: string, files: readonly string[]): Part {
  const relative = files.map((file) => file.slice(packages.href.length))
  return { name, files: relative, lines: files.reduce((sum, file) => sum + codeLines(textOf(file)), 0) }
}

function textOf(file: string): string {
  return readFileSync(new URL(file), 'utf8')
}
