import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/**
 * Which package may import which: the dependency direction of the whole repository, in one table.
 *
 * A rule is a package (with all its subpaths), or one subpath. A rule `folder: package` holds only for that folder of
 * the package's sources. Node's own modules are free except where `withoutNode` says otherwise; `#names` are a package's
 * own, which its manifest resolves by where it runs.
 */
const mayImport: Record<string, readonly string[]> = {
  'packages/policy': ['@noble/hashes'],
  'packages/dsl': ['chevrotain', '@mica/policy'],
  'packages/hw-sim': ['pe: ses', 'pe: tsx', '@mica/policy/cbor'],
  'packages/rmm': ['@mica/hw-sim', '@mica/policy', '@noble/curves', '@noble/hashes'],
  'packages/host': ['@mica/rmm/abi', '@mica/hw-sim'],
  'packages/realm-sdk': [
    '@mica/policy',
    '@mica/rmm/abi',
    'cbor-x',
    'hpke',
    '@panva/hpke-noble',
    '@noble/ciphers',
    '@noble/curves',
    '@noble/hashes',
    'build: esbuild',
  ],
  'packages/verifier': ['@mica/policy', '@noble/curves', '@noble/hashes', 'hpke', 'jose'],
  'packages/verifier-service': [
    '@mica/policy',
    '@mica/verifier',
    'hono',
    '@hono/node-server',
    '@electric-sql/pglite',
    'pg',
    'pino',
    'prom-client',
  ],
  'packages/plugins': [
    '@mica/policy',
    '@mica/dsl',
    '@mica/hw-sim',
    '@mica/rmm',
    '@mica/host',
    '@mica/realm-sdk',
    '@mica/verifier',
  ],
  'packages/cli': [
    '@mica/policy',
    '@mica/dsl',
    '@mica/realm-sdk',
    '@mica/verifier',
    '@mica/verifier-service',
    '@mica/plugins',
    '@viz-js/viz',
    'picocolors',
    'tsx',
  ],
  'packages/language-server': [
    '@mica/policy',
    '@mica/dsl',
    'vscode-languageserver',
    'vscode-languageserver-textdocument',
  ],
  'apps/vscode': ['@mica/language-server/protocol', 'vscode', 'vscode-languageclient'],
  'apps/demos': [
    '@mica/policy',
    '@mica/rmm/abi',
    '@mica/dsl',
    '@mica/realm-sdk',
    '@mica/verifier',
    '@mica/plugins',
    '@mica/cli',
    'jpeg-js',
    'tsx',
  ],
}

/** Source folders that run where Node is not: inside a Realm, or in a browser. */
const withoutNode = [
  'packages/realm-sdk/src',
  'packages/policy/src',
  'packages/verifier/src',
  'apps/demos/video-moderation/realms',
]
const withNode = ['packages/realm-sdk/src/build', 'packages/verifier/src/node']

/** A specifier has no blanks: a list in which the word `'import'` stands, quoted, imports nothing. */
const importPattern = /(?:^|[\s}])(?:from|import)\s+['"]([^'"\s]+)['"]|\bimport\s*\(\s*['"]([^'"\s]+)['"]/gm

/** A package's TypeScript modules, without its tests, what runs tests, and build output. */
const sourceFiles = (dir: string): string[] => moduleFiles(dir).filter((file) => file.endsWith('.ts'))

/** As {@link sourceFiles}, with the scripts that start a package. */
function moduleFiles(dir: string): string[] {
  const skipped = /^(node_modules|dist|test|bench|mutation)\b/
  return readdirSync(new URL(`./${dir}/`, import.meta.url), { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      /\.(ts|mjs)$/.test(file) && !skipped.test(file) && !file.includes('node_modules') && !file.endsWith('config.ts'),
  )
}

const imports = (dir: string, file: string): string[] =>
  [...readFileSync(new URL(`./${dir}/${file}`, import.meta.url), 'utf8').matchAll(importPattern)].map(
    (m) => (m[1] ?? m[2])!,
  )

function allowed(specifier: string, file: string, rules: readonly string[]): boolean {
  return rules.some((rule) => {
    const [folder, name] = rule.includes(': ') ? (rule.split(': ') as [string, string]) : [undefined, rule]
    if (folder !== undefined && file !== '' && !file.startsWith(`src/${folder}/`)) return false
    return specifier === name || specifier.startsWith(`${name}/`)
  })
}

describe.each(Object.entries(mayImport))('%s', (dir, rules) => {
  test('imports only what its line in the table allows', () => {
    const root = new URL(`./${dir}/`, import.meta.url)
    const violations: string[] = []
    for (const file of sourceFiles(dir)) {
      for (const specifier of imports(dir, file)) {
        if (specifier.startsWith('node:') || specifier.startsWith('#')) continue
        const escapes =
          specifier.startsWith('.') && !new URL(specifier, new URL(file, root)).pathname.startsWith(root.pathname)
        if (escapes || (!specifier.startsWith('.') && !allowed(specifier, file, rules)))
          violations.push(`${file}: ${specifier}`)
      }
    }
    expect(violations).toEqual([])
  })

  test('declares only dependencies that the table allows, and imports each of them', () => {
    const manifest = JSON.parse(readFileSync(new URL(`./${dir}/package.json`, import.meta.url), 'utf8'))
    const declared = Object.keys(manifest.dependencies ?? {})
    const names = rules.map((rule) =>
      rule
        .split(': ')
        .at(-1)!
        .split('/')
        .slice(0, rule.includes('@') ? 2 : 1)
        .join('/'),
    )
    expect(declared.filter((name) => !names.includes(name))).toEqual([])
    const code = moduleFiles(dir).map((file) => readFileSync(new URL(`./${dir}/${file}`, import.meta.url), 'utf8'))
    const named = (name: string) => code.some((text) => text.includes(`'${name}'`) || text.includes(`'${name}/`))
    expect(declared.filter((name) => !named(name))).toEqual([])
  })
})

test('code that runs inside a Realm or in a browser imports nothing of Node', () => {
  const violations: string[] = []
  for (const dir of withoutNode) {
    for (const file of sourceFiles(dir)) {
      if (withNode.some((exempt) => `${dir}/${file}`.startsWith(exempt))) continue
      for (const specifier of imports(dir, file))
        if (specifier.startsWith('node:')) violations.push(`${dir}/${file}: ${specifier}`)
    }
  }
  expect(violations).toEqual([])
})

test('the host reaches the monitor only by SMC: it imports the ABI and nothing else of rmm', () => {
  const rmm = sourceFiles('packages/host')
    .flatMap((file) => imports('packages/host', file))
    .filter((s) => s.startsWith('@mica/rmm'))
  expect(new Set(rmm)).toEqual(new Set(['@mica/rmm/abi']))
})

test('the verifier shares no code with the machine that it judges', () => {
  const own = sourceFiles('packages/verifier').flatMap((file) => imports('packages/verifier', file))
  expect(own.filter((s) => /^@mica\/(rmm|hw-sim|host|realm-sdk)/.test(s))).toEqual([])
})

test('every package has an entry that lists its names one by one', () => {
  for (const dir of Object.keys(mayImport).filter((d) => d.startsWith('packages/') && d !== 'packages/cli')) {
    const index = new URL(`./${dir}/src/index.ts`, import.meta.url)
    expect(existsSync(index), dir).toBe(true)
    expect(readFileSync(index, 'utf8'), dir).not.toMatch(/export \*/)
  }
})
