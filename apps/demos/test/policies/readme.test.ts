import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { CASES } from './cases.ts'
import { mica } from './mica.ts'

const folder = new URL('../../policies/', import.meta.url)
const readme = readFileSync(new URL('README.md', folder), 'utf8')

/** A part about one case: the file that it links to first, and the picture. */
const parts = readme
  .split(/^## /m)
  .flatMap((part) => /\]\(([^)]+\.mica)\): .+\n\n```mermaid\n([\s\S]*?)```\n/.exec(part)?.slice(1) ?? [])

test('the README has every case once', () => {
  expect(parts.filter((_, index) => index % 2 === 0)).toEqual(CASES.map(({ file }) => file))
})

test.each(CASES)('the picture of $file is what the command prints', async ({ file }) => {
  const picture = await mica('graph', '--format', 'mermaid', fileURLToPath(new URL(file, folder)))
  expect(picture).toEqual({ code: 0, err: '', out: parts[parts.indexOf(file) + 1] })
})
