import { pageCodes, readPage } from '../src/files/pages.ts'
import { compile, type Diagnostic, importPolicies, renderDiagnostic } from '../src/index.ts'

/** Where the pages are. */
export const folder: URL = new URL('diagnostics/', import.meta.url)

/** An example: the file that is compiled and those it imports, or policies of another form that are turned into one. */
export interface Example {
  readonly language: string
  readonly source: string
  readonly how: string
  /** The others, by name. */
  readonly files: ReadonlyMap<string, string>
}

/** The page about one code. */
export interface Page {
  readonly code: string
  /** A few words that stand for the problem. */
  readonly title: string
  readonly text: string
  /** Has this problem and no other. */
  readonly wrong: Example
  readonly right: Example
}

/** All pages, in the order of their codes. */
export function pages(): readonly Page[] {
  return pageCodes().map((code) => pageOf(code, readPage(code) ?? ''))
}

function pageOf(code: string, text: string): Page {
  const [, title = ''] = /^# MICA\d{4}: (.*)\n/.exec(text) ?? []
  const [, wrong = '', right = ''] = text.split(/^(?:Wrong|Right):$/m)
  return { code, title, text, wrong: exampleOf(wrong), right: exampleOf(right) }
}

/** The first block is the file that is compiled or turned into one; the others have names. */
function exampleOf(part: string): Example {
  const blocks = [...part.matchAll(/^```(mica|json) ?(.*)\n([\s\S]*?)^```$/gm)]
  const [[, language = '', how = '', source = ''] = [], ...others] = blocks
  const files = new Map(others.map(([, , name = '', text = '']) => [name, text]))
  return { language, source: repeated(source), how, files }
}

/** Writes out lines that end with `// … up to N`: once for each number up to N in the place of every 1 after a name. */
function repeated(text: string): string {
  return text.replace(/^(.*?)\s*\/\/ … up to (\d+)$/gm, (_, line: string, count: string) =>
    Array.from({ length: Number(count) }, (_, i) => line.replace(/(?<=[A-Za-z_"-]|number )1\b/g, String(i + 1))).join(
      '\n',
    ),
  )
}

/** Bytes of a text in which U+FFFD stands for a byte that is no UTF-8. */
function bytesOf(text: string): Uint8Array {
  const parts = text.split('\ufffd').map((part) => [...new TextEncoder().encode(part)])
  return Uint8Array.from(parts.flatMap((part, index) => (index === 0 ? part : [0xff, ...part])))
}

/** What is reported of an example. Images measure the name of their peer, over and over. */
export function diagnosticsOf(example: Example): readonly Diagnostic[] {
  const { language, source, how, files } = example
  if (language === 'json') {
    const policies = [...textsOf(example)].map(([file, text]) => ({ file, bytes: bytesOf(text) }))
    return importPolicies(policies, 'imported').diagnostics
  }
  const measured = (peer: string): Uint8Array[] => {
    const text = new TextEncoder().encode(peer)
    const digest = (length: number, build: number): Uint8Array =>
      Uint8Array.from({ length }, (_, i) => (text[i % text.length] ?? 0) ^ build)
    return how === 'two-builds' ? [digest(64, 0), digest(64, 1)] : [digest(32, 0)]
  }
  const { blobs, diagnostics } = compile(source.includes('\ufffd') ? bytesOf(source) : source, {
    file: 'policy.mica',
    read: (path) => files.get(path) ?? (/^empty\d+\.mica$/.test(path) ? '' : undefined),
    rimOf: how === 'unbuilt' ? undefined : measured,
    lockedRimOf: how === 'relocked' ? () => [new Uint8Array(32)] : undefined,
    target: how === 'poly-v1' ? 'poly-v1' : undefined,
  })
  if (how !== 'blobs') return diagnostics
  const policies = [...blobs].map(([name, bytes]) => ({ file: `${name}.policy`, bytes }))
  return [...diagnostics, ...importPolicies(policies, 'imported').diagnostics]
}

/** The texts of an example's files, by name. */
function textsOf({ language, source, how, files }: Example): ReadonlyMap<string, string> {
  const name = language === 'json' ? how || 'policy.json' : 'policy.mica'
  return new Map([[name, source], ...files])
}

/** The page with what is found in its wrong example, as it is shown to people, between the examples. */
export function withMessage({ code, text, wrong }: Page, found: readonly Diagnostic[]): string {
  const diagnostic = found.find((each) => each.code === code)
  const shown = diagnostic === undefined ? 'nothing' : renderDiagnostic(diagnostic, textsOf(wrong))
  const block = `The message:\n\n\`\`\`text\n${shown}\n\`\`\`\n\n`
  return text.replace(/(?:^The message:\n\n```text\n[\s\S]*?^```\n\n)?^Right:$/m, () => `${block}Right:`)
}

/** The list of all pages. */
export function indexOf(all: readonly Page[]): string {
  const rows = all.map(({ code, title }) => `| [${code}](${code}.md) | ${title} |`)
  return `# Diagnostics

One page for each code of the language: why it is one, an example that is wrong, what is said of it, and one that is right. 10xx is
about text, 11xx syntax and files, 12xx names, 13xx numbers and sizes, 14xx peers, 15xx memories, 16xx transitions, 17xx
assertions, 180x limits and targets, 185x to 187x policies of other forms that are imported; 19xx are warnings. \`mica explain MICA1505\` prints a page, and
\`npx tsx -C mica-source packages/dsl/docs/write.ts\` writes this list and the messages.

| Code | |
|---|---|
${rows.join('\n')}
`
}
