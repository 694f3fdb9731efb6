/**
 * Measures what the project claims about its speed. Each module in the `bench` folder of a package or an app exports
 * `rows()`. Prints a table, or with `--json` one array of `{name, value, unit}`; arguments choose modules by file name.
 */
import { existsSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'

/** One measured figure. */
interface BenchRow {
  /** What was measured: `area.figure`. */
  readonly name: string
  readonly value: number
  readonly unit: string
}

const root = new URL('../', import.meta.url)

function benchModules(wanted: readonly string[]): URL[] {
  const folders = ['packages', 'apps'].flatMap((kind) =>
    readdirSync(new URL(`${kind}/`, root)).map((name) => new URL(`${kind}/${name}/bench/`, root)),
  )
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => new URL(file, folder)))
    .filter(({ pathname }) => pathname.endsWith('.ts'))
    .filter(({ pathname }) => wanted.length === 0 || wanted.includes(basename(pathname, '.ts')))
}

const json = process.argv.includes('--json')
const measured: BenchRow[] = []
for (const module of benchModules(process.argv.slice(2).filter((argument) => !argument.startsWith('--')))) {
  const { rows }: { rows: () => readonly BenchRow[] | Promise<readonly BenchRow[]> } = await import(module.href)
  for (const row of await rows()) {
    measured.push(row)
    if (!json) console.log(`${row.name.padEnd(32)} ${row.value.toFixed(1).padStart(10)} ${row.unit}`)
  }
}
if (json) console.log(JSON.stringify(measured))
