import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as library from '../src/index.ts'
import { DEFAULT_LIMITS } from '../src/limits.ts'
import { VECTOR_ANCHOR, VECTOR_TOKEN } from './support/evidence.ts'
import { NOTHING } from './support/service.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the example of the README does what it says', async () => {
  const example = /```ts\n([\s\S]*?)```/.exec(readme)![1]!.replace(/^import (\{.*\}) from .*$/m, 'const $1 = library')
  const asked: Uint8Array[] = []
  const given = {
    library,
    ...NOTHING,
    trustAnchors: [VECTOR_ANCHOR],
    process: { stderr: { write() {} } },
    attest: async (nonce: Uint8Array) => {
      asked.push(nonce)
      return VECTOR_TOKEN
    },
  }
  const run = new Function(...Object.keys(given), `return (async () => {${example}\nreturn { status, result } })()`)
  const { status, result } = await run(...Object.values(given))
  expect(asked.map(({ length }) => length)).toEqual([64])
  expect(status).toBe('complete')
  expect(result.split('.')).toHaveLength(3)
  // It opens a store of its own.
}, 90_000)

test('the limits of the README are those of the service', () => {
  const { sessionTtlMs, openSessions, appraisals, headersTimeoutMs, requestTimeoutMs, connections } = DEFAULT_LIMITS
  for (const text of [
    `${sessionTtlMs / 1000} s (\`--session-seconds\`)`,
    `${openSessions.toLocaleString('en')} (\`--max-sessions\`)`,
    `${appraisals} (\`--max-appraisals\`)`,
    `${headersTimeoutMs / 1000} s, ${requestTimeoutMs / 1000} s`,
    `| ${connections}; 16 KiB |`,
  ]) {
    expect(readme).toContain(text)
  }
})

test('the README names every path that there is', () => {
  const routes = ['challenge-response', 'discovery', 'health', 'key-release', 'provisioning', 'secrets']
  const paths = routes.flatMap((name) => [
    ...readFileSync(new URL(`../src/routes/${name}.ts`, import.meta.url), 'utf8').matchAll(
      /'(\/[\w.-]+\/[^'\s]*|\/metrics)'/g,
    ),
  ])
  const named = paths.map(([, path]) => path!.split('/:')[0]!.split('/').slice(1))
  expect(named.length).toBeGreaterThan(10)
  for (const parts of named) for (const part of parts) expect(readme).toContain(part)
})

test('the README calls tests of faults and load by their titles', () => {
  const [, section = ''] = readme.split('## Faults and load\n')
  const titles = [...section.split('\n## ')[0]!.matchAll(/\*([^*\n]+)\*/g)].map(([, title]) => title!)
  const files = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' })
  const sources = files
    .filter((file) => /^(?:faults|store)\/.*\.ts$/.test(file))
    .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8').replaceAll("\\'", "'"))
  expect(titles.length).toBeGreaterThan(10)
  expect(titles.filter((title) => !sources.some((source) => source.includes(title)))).toEqual([])
})
