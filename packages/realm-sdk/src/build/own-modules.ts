import { fileURLToPath } from 'node:url'

/** The name that realm modules import this package by. */
export const PACKAGE = '@mica/realm-sdk'

const inSource = import.meta.url.endsWith('.ts')

/**
 * Export conditions for bundling: a checkout has the packages as TypeScript, a published one as JavaScript. Whichever
 * form this module itself has, the rest has too.
 */
export const conditions: readonly string[] = inSource ? ['mica-source', 'module'] : ['module']

/** The file of a module of this package, named by its path below the package's sources, without extension. */
export function ownModule(path: string): string {
  return fileURLToPath(new URL(`../${path}.${inSource ? 'ts' : 'js'}`, import.meta.url))
}
