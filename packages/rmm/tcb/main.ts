/** `npm run tcb`. */
import { parseArgs } from 'node:util'
import { countTrusted } from './count.ts'

const USAGE = `usage: npm run tcb -- [--files]

Prints how much code enforces policies, without comments and blank lines: the monitor as it would be without the
extension, the extension, and those parts of @mica/policy that they run.

  --files  lists what was counted
  --help   this text`

function readOptions() {
  try {
    return parseArgs({ options: { files: { type: 'boolean' }, help: { type: 'boolean' } } as const }).values
  } catch (error) {
    console.error(`tcb: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    process.exit(2)
  }
}

const { files: listsFiles, help } = readOptions()
if (help) {
  console.log(USAGE)
  process.exit(0)
}
const parts = countTrusted()
const row = (name: string, files: number, lines: number): string =>
  `${name.padEnd(32)} ${String(files).padStart(4)} files ${String(lines).padStart(6)} lines of code`
for (const { name, files, lines } of parts) {
  console.log(row(name, files.length, lines))
  if (listsFiles) for (const file of files) console.log(`  ${file}`)
}
const sum = (of: (part: (typeof parts)[number]) => number): number => parts.reduce((total, part) => total + of(part), 0)
console.log(
  row(
    'together',
    sum(({ files }) => files.length),
    sum(({ lines }) => lines),
  ),
)
