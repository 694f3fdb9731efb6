/** `npm run explore`: files are relative to where npm was called, not to the package that it runs in. */
import { exploreCommand } from './command.ts'

const workingFolder = process.env['INIT_CWD'] ?? process.cwd()
process.exitCode = exploreCommand(process.argv.slice(2), workingFolder, console.log, console.error)
