import { basename, dirname, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { refusedByCompartment } from './compartment-rules.ts'
import { conditions, ownModule, PACKAGE } from './own-modules.ts'

/** Options of {@link bundleRealm}. */
export interface BundleOptions {
  /**
   * Modules generated from the policy, by file name (`pipeline.mica.ts`): whatever folder they are imported from, they
   * come from here and not from disk.
   */
  readonly declarations?: Readonly<Record<string, string>> | undefined
  /**
   * Leaves the boot code and the SDK out: the entry's default export is itself the idle vector. For programs that show
   * what a Realm can do without them.
   */
  readonly bare?: boolean | undefined
  /**
   * A program that fails halts its PE with the reason instead of powering off, so that a machine that was told to shows
   * it, and the script keeps its names. Another image, with another measurement: for development.
   */
  readonly debug?: boolean | undefined
}

/** Why a realm module cannot become an image. The message has one line for each cause. */
export class BundleError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BundleError'
  }
}

/**
 * Bundles a realm module, the boot code and everything they import into one script whose completion value is the idle
 * vector.
 *
 * The script depends on nothing but the contents of the modules: not on where they lie, nor on who builds.
 *
 * @param entry Path of the module that has the {@link RealmProgram} as its default export.
 * @throws BundleError when a module is missing or has a syntax error, or when a compartment would refuse the script.
 */
export async function bundleRealm(entry: string, options: BundleOptions = {}): Promise<string> {
  const script = await bundled(resolve(entry), options)
  const refusal = refusedByCompartment(script)
  if (refusal !== undefined) {
    throw new BundleError(`${basename(entry)}: an image must not contain ${refusal.what}, near \`${refusal.near}\``)
  }
  return script
}

async function bundled(entry: string, options: BundleOptions): Promise<string> {
  try {
    const result = await build({
      stdin: { contents: starter(entry, options), resolveDir: dirname(entry), sourcefile: 'image.js' },
      absWorkingDir: dirname(entry),
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'image',
      // The value of the last statement is what the PE calls.
      footer: { js: 'image.idle' },
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions: [...conditions],
      target: 'es2022',
      charset: 'utf8',
      legalComments: 'none',
      // Not for size: names of files would otherwise stand in the script, in comments and as names of modules.
      minify: options.debug !== true,
      // Settings of whatever project the entry lies in have no say.
      tsconfigRaw: '{}',
      inject: ['date', 'buffer', 'float-array'].map((name) => ownModule(`runtime/shims/${name}`)),
      plugins: [ownPackage, declarationModules(options.declarations ?? {})],
      logLevel: 'silent',
    })
    return result.outputFiles[0]?.text ?? ''
  } catch (failure) {
    throw new BundleError(describe(failure), { cause: failure })
  }
}

function starter(entry: string, options: BundleOptions): string {
  const program = `import program from ${JSON.stringify(`./${basename(entry)}`)}`
  if (options.bare === true) return `${program}\nexport const idle = program`
  const boot = options.debug === true ? 'boot(program, pe, { debug: true })' : 'boot(program, pe)'
  const runtime = JSON.stringify(`${PACKAGE}/runtime`)
  return `${program}\nimport { boot } from ${runtime}\nexport const idle = ${boot}`
}

/** Resolves this package to itself, so that an image gets the SDK that builds it. */
const ownPackage: Plugin = {
  name: 'mica-realm-sdk',
  setup(setup) {
    setup.onResolve({ filter: /^@mica\/realm-sdk(\/runtime|\/session)?$/ }, ({ path }) => {
      const subpath = path.split('/')[2]
      return { path: ownModule(subpath === undefined ? 'index' : `${subpath}/index`), sideEffects: false }
    })
  },
}

function declarationModules(sources: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'mica-declarations',
    setup(setup) {
      setup.onResolve({ filter: /\.mica\.ts$/ }, ({ path }) => {
        const name = basename(path)
        return Object.hasOwn(sources, name) ? { path: name, namespace: 'mica-declaration' } : undefined
      })
      setup.onLoad({ filter: /.*/, namespace: 'mica-declaration' }, ({ path }) => ({
        contents: sources[path] ?? '',
        loader: 'ts',
      }))
    },
  }
}

interface BuildMessage {
  readonly text: string
  readonly location: { readonly file: string; readonly line: number; readonly column: number } | null
}

function describe(failure: unknown): string {
  const errors = failure instanceof Error && 'errors' in failure ? (failure.errors as readonly BuildMessage[]) : []
  if (errors.length === 0) return failure instanceof Error ? failure.message : String(failure)
  return errors
    .map(({ text, location }) =>
      location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`,
    )
    .join('\n')
}
