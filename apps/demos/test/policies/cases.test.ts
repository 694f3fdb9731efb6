import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Checked, check, compile } from '@mica/dsl'
import { projectOf } from '@mica/dsl/project'
import { channelsByName, compatibleSet, zeroRpv } from '@mica/policy'
import { describe, expect, test } from 'vitest'
import { CASES, type Mistake, type Violation } from './cases.ts'
import { mica } from './mica.ts'

const folder = new URL('../../policies/', import.meta.url)
const pathOf = (file: string): string => fileURLToPath(new URL(file, folder))
const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8')

/** Measurements that nothing has: the peer's name, over and over. */
const rimOf = (peer: string): readonly [Uint8Array] => [new TextEncoder().encode(peer.repeat(32).slice(0, 32))]

describe.each(CASES)('$file', ({ file, mistake }) => {
  test('has no error, no warning, and its assertions hold', async () => {
    const { code, out, err } = await mica('check', '--strict', pathOf(file))
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).not.toContain('fails')
    expect(check(read(file), { file: pathOf(file), ...projectOf(pathOf(file)) }).diagnostics).toEqual([])
  })

  test('has the one layout', async () => {
    expect(await mica('fmt', '--check', pathOf(file))).toMatchObject({ code: 0, err: '' })
  })

  test('gives each of its peers a policy, and these go together', () => {
    const { workflow, views, policies, blobs } = compile(read(file), {
      file: pathOf(file),
      ...projectOf(pathOf(file)),
      rimOf,
    })
    expect([...blobs.keys()]).toEqual((workflow?.peers ?? views).map(({ name }) => name))
    expect(blobs.size).toBeGreaterThan(0)
    const members = [...policies].map(([peer, policy]) => {
      const { rims = null } = policy.peers[policy.self] ?? {}
      return { rim: rims?.[0] ?? rimOf(peer)[0], rpv: zeroRpv(), policy }
    })
    expect(compatibleSet(members, channelsByName(members))).toEqual([])
  })

  test(`a mistake is caught, by this path: ${mistake.because}`, () => {
    expect(violationsOf(checkWith(file, mistake))).toEqual(mistake.violated)
  })
})

test('the patterns that the cases share have the one layout, and nothing is wrong with them', async () => {
  expect(await mica('fmt', '--check', pathOf('patterns.mica'))).toMatchObject({ code: 0, err: '' })
  expect(await mica('check', '--strict', pathOf('patterns.mica'))).toMatchObject({ code: 0, err: '' })
})

test.each([
  ['networking-service.mica', 'networking-client.mica'],
  ['plug-in-enclave.mica', 'plug-in-function.mica'],
])('%s and %s were written apart and go together', async (...files) => {
  expect(await mica('check', '--strict', ...files.map(pathOf))).toMatchObject({ code: 0, err: '' })
})

/** Checks a case as if the mistake were in its files. */
function checkWith(file: string, mistake: Mistake): Checked {
  const wrong = pathOf(mistake.file ?? file)
  const text = readFileSync(wrong, 'utf8')
  expect(text.split(mistake.replace)).toHaveLength(2)
  const edited = text.replace(mistake.replace, mistake.by)
  const { root, read: readFile } = projectOf(pathOf(file))
  return check(mistake.file === undefined ? edited : read(file), {
    file: pathOf(file),
    root,
    read: (path) => (path === wrong ? edited : readFile(path)),
  })
}

/** Everything that is an error; anything but an assertion that does not hold stands for itself. */
function violationsOf({ diagnostics }: Checked): Violation[] {
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message, related }) => {
      const assertion = code === 'MICA1701' ? (message.split('`')[1] ?? '') : message
      const steps = related.filter((each) => /^\d+\. /.test(each.message))
      return { assertion, path: steps.map((step) => plain(step.message)) }
    })
}

/** A step without its number, quotes and rights. */
function plain(step: string): string {
  return step.replace(/^\d+\. |`| \([a-z ]+\)$/g, '')
}
