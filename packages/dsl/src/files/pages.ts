import { readdirSync, readFileSync } from 'node:fs'

const folder = new URL('../../docs/diagnostics/', import.meta.url)

/** The codes that have a page, in order. */
export function pageCodes(): readonly string[] {
  const files = readdirSync(folder).filter((file) => /^MICA\d{4}\.md$/.test(file))
  return files.map((file) => file.slice(0, -'.md'.length)).sort()
}

/** The page about a code, by its path from the root of the repository. */
export function pagePath(code: string): string {
  return `packages/dsl/docs/diagnostics/${code}.md`
}

/** What the page about a code says, as Markdown, or `undefined` for a code that there is not. */
export function readPage(code: string): string | undefined {
  return pageCodes().includes(code) ? readFileSync(new URL(`${code}.md`, folder), 'utf8') : undefined
}
