/** `npm run fuzz`: files are relative to where npm was called, not to the package that it runs in. */
import { fuzzCommand } from './command.ts'

const workingFolder = process.env['INIT_CWD'] ?? process.cwd()
process.exitCode = fuzzCommand(process.argv.slice(2), workingFolder, console.log, console.error)
