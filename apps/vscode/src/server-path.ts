import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const COMMAND = join('node_modules', '@mica', 'language-server', 'bin', 'mica-language-server.mjs')

/** The module that starts the language server that is installed for a folder: in it or in a folder above it. */
export function serverFor(folder: string): string | undefined {
  const command = join(folder, COMMAND)
  if (existsSync(command)) return command
  return dirname(folder) === folder ? undefined : serverFor(dirname(folder))
}
