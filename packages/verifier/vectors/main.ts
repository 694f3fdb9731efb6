import { existsSync, statSync } from 'node:fs'
import { checkFolder } from './check-folder.ts'

const USAGE = `usage: npm run verify-vectors -- FOLDER

Checks every vector below FOLDER that an expectation file there says the verdict of, and prints each disagreement.
Exit codes: 0 every vector passed, 1 one did not, 2 usage.`

/**
 * `npm run verify-vectors -- FOLDER`: exit code 0 if every vector gives what its expectation file says, 1 if one does
 * not, 2 for usage. Vectors that pass only with a named switch are printed with it.
 */
async function main(args: readonly string[]): Promise<0 | 1 | 2> {
  const [folder, ...more] = args
  if (folder === '--help') {
    console.log(USAGE)
    return 0
  }
  if (folder === undefined || more.length > 0 || folder.startsWith('-')) return usage()
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return usage(`${folder} is not a folder`)
  const outcomes = await checkFolder(folder)
  if (outcomes.length === 0) return usage(`no expectation file below ${folder}`)
  for (const { name, passed, detail } of outcomes) {
    if (!passed) console.log(`${name}: ${detail}`)
    else if (detail !== undefined) console.log(`${name}: passed ${detail}`)
  }
  const failed = outcomes.filter(({ passed }) => !passed).length
  console.log(`vectors: ${outcomes.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

function usage(problem?: string): 2 {
  console.error(problem === undefined ? USAGE : `${problem}\n\n${USAGE}`)
  return 2
}

process.exitCode = await main(process.argv.slice(2))
