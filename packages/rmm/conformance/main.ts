/** `npm run conformance -- FOLDER`: relative to where npm was called, not to the package that it runs in. */
import { conformanceCommand } from './command.ts'

const workingFolder = process.env['INIT_CWD'] ?? process.cwd()
process.exitCode = conformanceCommand(process.argv.slice(2), workingFolder, console.log)
