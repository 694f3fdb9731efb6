import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { COMMANDS, main } from './packages/cli/src/main.ts'
import { Terminal } from './packages/cli/src/terminal.ts'

/** What the documentation says of the code, compared with the code. */

const root = new URL('./', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')

/** Files below a folder of the repository, by their paths from its root; what is installed or built is left out. */
function filesBelow(folder: string, pattern: RegExp): string[] {
  const files: string[] = []
  for (const entry of readdirSync(new URL(folder, root), { withFileTypes: true })) {
    if (/^(node_modules|dist|out|\.git|\.turbo)$/.test(entry.name)) continue
    if (entry.isDirectory()) files.push(...filesBelow(`${folder}${entry.name}/`, pattern))
    else if (pattern.test(entry.name)) files.push(`${folder}${entry.name}`)
  }
  return files.sort()
}

const documents = filesBelow('', /\.md$/)

/** A part of a document: from its heading to the next one of the same rank. */
function section(file: string, heading: string): string {
  const rank = /^#+/.exec(heading)![0]
  const [, after] = `${read(file)}\n`.split(`\n${heading}\n`)
  if (after === undefined) throw new Error(`${file} has no section "${heading}"`)
  return after.split(new RegExp(`\n${rank} `))[0]!
}

const withoutCode = (markdown: string): string => markdown.replace(/^```[\s\S]*?^```$/gm, '')

interface Link {
  readonly text: string
  readonly target: string
}

function links(markdown: string): Link[] {
  return [...withoutCode(markdown).matchAll(/\[((?:`[^`]*`|[^\]`])*)\]\(([^)\s]+)\)/g)].map(([, text, target]) => {
    return { text: text!.replace(/\s+/g, ' '), target: target! }
  })
}

/** The anchors that a document's headings have. */
function anchors(file: string): string[] {
  return [...withoutCode(read(file)).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  )
}

describe.each(documents)('%s', (file) => {
  test('links only to what is there', () => {
    const broken = links(read(file)).filter(({ target }) => {
      if (/^[a-z]+:/.test(target)) return false
      const [path, anchor] = target.split('#') as [string, string | undefined]
      const there = path === '' ? new URL(file, root) : new URL(path, new URL(file, root))
      if (!existsSync(there)) return true
      if (anchor === undefined) return false
      return !anchors(fileURLToPath(there).slice(fileURLToPath(root).length)).includes(anchor)
    })
    expect(broken).toEqual([])
  })
})

describe('ARCHITECTURE.md', () => {
  const files = new Map<string, string>()
  const contents = (file: string): string => {
    const known = files.get(file) ?? read(file)
    files.set(file, known)
    return known
  }
  const toSource = links(read('ARCHITECTURE.md')).filter(({ target }) => /\.ts$/.test(target))

  test('names what the files that it links to contain', () => {
    const named = toSource.filter(({ text }) => /^`\w+`$/.test(text))
    const gone = named.filter(({ text, target }) => !new RegExp(`\\b${text.slice(1, -1)}\\b`).test(contents(target)))
    expect(named.length).toBeGreaterThan(40)
    expect(gone).toEqual([])
  })

  test('calls tests by their titles', () => {
    const tests = toSource.filter(({ target }) => target.endsWith('.test.ts') && target.includes('/'))
    const gone = tests.filter(({ text, target }) => !contents(target).includes(text))
    expect(tests.length).toBeGreaterThan(20)
    expect(gone).toEqual([])
  })

  test('lists every simplification of the sources, in its words, and no other', () => {
    const listed = section('ARCHITECTURE.md', '## What the simulation leaves out')
      .split('\n')
      .flatMap((line) => /^- \[[^\]]*\]\(([^)]+)\): (.+)$/.exec(line)?.slice(1).join(': ') ?? [])
    const packages = readdirSync(new URL('packages/', root)).map((name) => `packages/${name}/src/`)
    const sources = [...packages.filter((folder) => statSync(new URL(folder, root)).isDirectory()), 'apps/demos/']
    const marked = sources
      .flatMap((folder) => filesBelow(folder, /\.(ts|mjs)$/))
      .flatMap((file) => simplifications(read(file)).map((text) => `${file}: ${text}`))
    expect(listed).toEqual(marked)
  })
})

/** The texts that `SIMPLIFIED:` introduces in comments: each up to the end of its paragraph. */
function simplifications(source: string): string[] {
  const found: string[] = []
  let open = false
  for (const line of source.split('\n')) {
    const comment = /^\s*(?:\/\*\*|\*\/?|\/\/)\s?(.*?)\s*(?:\*\/)?$/.exec(line)?.[1] ?? ''
    const begun = /\bSIMPLIFIED: (.*?)\s*(?:\*\/)?$/.exec(line)?.[1]
    if (begun !== undefined) found.push(begun)
    else if (open && comment !== '' && !comment.startsWith('@')) found.push(`${found.pop()} ${comment}`)
    open = begun !== undefined || (open && comment !== '' && !comment.startsWith('@'))
    if (line.trimEnd().endsWith('*/')) open = false
  }
  return found
}

describe('README.md', () => {
  const lines = [...section('README.md', '## The `mica` command').matchAll(/^\s*npx mica (\w+)(.*)$/gm)]

  test('lists the commands that there are, in the order of `mica --help`', () => {
    expect(lines.map(([, name]) => name)).toEqual(COMMANDS.map(({ name }) => name))
  })

  test.each(lines.map(([, name, rest]) => [name!, rest!]))(
    'gives `mica %s` options that it has',
    async (name, rest) => {
      const help = await helpOf(name)
      const options = [...rest.matchAll(/--[a-z-]+/g)].map(String)
      expect(options.filter((option) => !help.includes(`${option} `))).toEqual([])
    },
  )
})

/** What `mica NAME --help` prints. */
async function helpOf(name: string): Promise<string> {
  let printed = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      printed += chunk
      done()
    },
  })
  await main([name, '--help'], new Terminal(stream, stream))
  return printed
}

/** Packages whose README has an example that runs as it stands; the others test theirs themselves. */
const examples: readonly [file: string, modules: Readonly<Record<string, () => Promise<object>>>][] = [
  ['packages/policy/README.md', { '@mica/policy': () => import('@mica/policy') }],
  ['packages/hw-sim/README.md', { '@mica/hw-sim': () => import('@mica/hw-sim') }],
  [
    'packages/rmm/README.md',
    {
      '@mica/hw-sim': () => import('@mica/hw-sim'),
      '@mica/rmm': () => import('@mica/rmm'),
      '@mica/rmm/abi': () => import('@mica/rmm/abi'),
    },
  ],
  [
    'packages/host/README.md',
    {
      '@mica/host': () => import('@mica/host'),
      '@mica/hw-sim': () => import('@mica/hw-sim'),
      '@mica/rmm': () => import('@mica/rmm'),
      '@mica/realm-sdk/build': () => import('@mica/realm-sdk/build'),
    },
  ],
  ['packages/plugins/README.md', { '@mica/plugins': () => import('@mica/plugins') }],
]

describe.each(examples)('the example of %s', (file, modules) => {
  test('prints what its comments say', async () => {
    const example = /```ts\n([\s\S]*?)```/.exec(read(file))?.[1] ?? ''
    const body = example.replace(/^import (\{[^}]*\}) from ('[^']+')$/gm, 'const $1 = await load($2)')
    const load = (name: string): Promise<object> => modules[name]!()
    const printed: string[] = []
    const console = { log: (...values: unknown[]) => printed.push(values.map(String).join(' ')) }
    await new Function('load', 'console', `return (async () => {${body}})()`)(load, console)
    const said = [...example.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text]) => text)
    expect(said.length).toBeGreaterThan(0)
    expect(printed).toEqual(said)
  })
})
