import { readFileSync } from 'node:fs'

/** The version of this package, which discovery and results name. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
