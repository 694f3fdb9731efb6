import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The package's folder. */
const folder = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Bundles a module for browsers, as a user's bundler would: by the package's own conditions, and without any module of
 * Node, whose absence makes it fail.
 *
 * @param entry Source text of a module in this package's folder.
 * @returns One script, which leaves what the module exports in the variable `mica`.
 */
export async function bundleForBrowser(entry: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: folder, loader: 'ts' },
    bundle: true,
    write: false,
    minify: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'mica',
    target: 'es2022',
    conditions: ['mica-source'],
    logLevel: 'silent',
  })
  return outputFiles[0]!.text
}

/** Everything that the package has for users. */
export const WHOLE_PACKAGE = "export * from '@mica/verifier'"
