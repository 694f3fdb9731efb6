import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** The part of esbuild that is used here. */
interface Bundler {
  buildSync(options: Readonly<Record<string, unknown>>): { readonly outputFiles: readonly { readonly text: string }[] }
}

const bundles = new Map<string, string>()

/**
 * Starts a worker thread on a module of this repository: from `dist` when built, from TypeScript source in development.
 *
 * A worker of Node 20 ignores module hooks given by `execArgv`, and registering them in each worker takes 200 ms; so
 * in development the module is bundled once for all workers of this process, by the bundler that tsx brings along.
 * A bundle is one function, not a module, so the entry must not use `await` at its top level.
 */
export function spawnModuleWorker(entry: URL, options: WorkerOptions = {}): Worker {
  if (!entry.pathname.endsWith('.ts')) return new Worker(entry, options)
  const code = bundles.get(entry.href) ?? bundle(entry)
  bundles.set(entry.href, code)
  return new Worker(code, { ...options, eval: true, execArgv: [] })
}

function bundle(entry: URL): string {
  const ofTsx = createRequire(createRequire(import.meta.url).resolve('tsx'))
  const { buildSync }: Bundler = ofTsx('esbuild')
  const [output] = buildSync({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    // Not a bare script: its functions would be properties of the global object, which ses replaces by its own.
    format: 'iife',
    platform: 'node',
    target: 'node20',
    conditions: ['mica-source'],
    define: { 'import.meta.url': JSON.stringify(entry.href) },
    logLevel: 'silent',
  }).outputFiles
  if (output === undefined) throw new Error(`nothing bundled for ${entry.href}`)
  return output.text
}
