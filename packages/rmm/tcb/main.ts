/** `npm run tcb`: how much code enforces policies, without comments and blank lines. `--files` lists what was counted. */
import { countTrusted } from './count.ts'

const parts = countTrusted()
const row = (name: string, files: number, lines: number): string =>
  `${name.padEnd(32)} ${String(files).padStart(4)} files ${String(lines).padStart(6)} lines of code`
for (const { name, files, lines } of parts) {
  console.log(row(name, files.length, lines))
  if (process.argv.includes('--files')) for (const file of files) console.log(`  ${file}`)
}
const sum = (of: (part: (typeof parts)[number]) => number): number => parts.reduce((total, part) => total + of(part), 0)
console.log(
  row(
    'together',
    sum(({ files }) => files.length),
    sum(({ lines }) => lines),
  ),
)
