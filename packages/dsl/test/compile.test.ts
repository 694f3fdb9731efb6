import { readFileSync } from 'node:fs'
import { check, compile, describeWorkflow, renderDiagnostic } from '@mica/dsl'
import { decodeBlob, encodeBlob } from '@mica/policy'
import { describe, expect, test } from 'vitest'
import { rimOfName } from './rim-of-name.ts'

const golden = (name: string): string => readFileSync(new URL(`./golden/${name}/policy.mica`, import.meta.url), 'utf8')
const videoModeration = golden('video-moderation-compiles-to-three-blobs')

describe('video moderation', () => {
  const compiled = compile(videoModeration, { file: 'pipeline.mica', rimOf: rimOfName })

  test('compiles without a word', () => {
    expect(compiled.diagnostics).toEqual([])
    expect([...compiled.blobs.keys()]).toEqual(['gate', 'encoder', 'moderator'])
  })

  test.each(['gate', 'encoder', 'moderator'])(
    'the blob of %s decodes to its policy, and that encodes to the blob',
    (peer) => {
      const blob = compiled.blobs.get(peer)
      const decoded = decodeBlob(blob ?? new Uint8Array())
      expect(decoded.kind).toBe('policy')
      if (decoded.kind !== 'policy' || blob === undefined) return
      const { policy } = decoded
      expect(policy.peers[policy.self]?.name).toBe(peer)
      expect(policy.peers.map(({ rims }) => rims)).toEqual(['gate', 'encoder', 'moderator'].map(rimOfName))
      expect(encodeBlob(policy)).toEqual(blob)
      expect(policy.memories).toEqual(compiled.policies.get(peer)?.memories)
    },
  )

  test('policies differ in Self only', () => {
    const policies = [...compiled.policies.values()]
    expect(policies.map(({ self }) => self)).toEqual([0, 1, 2])
    expect(new Set(policies.map((policy) => JSON.stringify({ ...policy, self: 0 }))).size).toBe(1)
  })

  test('a memory lies at one address in all its peers', () => {
    for (const { mappings } of compiled.workflow?.memories ?? []) {
      expect(new Set(mappings.map(({ ipaGranule }) => ipaGranule)).size).toBe(1)
      expect(mappings[0]?.ipaGranule).not.toBeNull()
    }
  })

  test('is described in words', async () => {
    const { workflow } = check(videoModeration, { file: 'pipeline.mica' })
    if (workflow === undefined) throw new TypeError('the example has an error')
    await expect(`${describeWorkflow(workflow)}\n`).toMatchFileSnapshot('./golden-description.txt')
  })
})

test('check needs no measurements, compile names the image that has none', () => {
  expect(check(videoModeration, { file: 'p.mica' }).diagnostics).toEqual([])
  const { diagnostics, blobs } = compile(videoModeration, { file: 'p.mica' })
  expect(diagnostics.map(({ code, span }) => `${code} ${span.line}`)).toEqual([
    'MICA1406 5',
    'MICA1406 6',
    'MICA1406 7',
  ])
  expect(blobs.size).toBe(0)
})

test('a violated assertion prints the shortest path, each hop with its line and rights', () => {
  const source = golden('a-violated-assertion-prints-the-shortest-path')
  const { diagnostics, workflow } = check(source, { file: 'p.mica' })
  const [first] = diagnostics
  expect(workflow).toBeUndefined()
  expect(first).toMatchObject({ code: 'MICA1701', span: { line: 11 } })
  expect(first?.related.map(({ message, span }) => `${span.line}: ${message}`)).toEqual([
    '5: 1. `box` reads `raw` (read)',
    '8: 2. `box` writes `short` (write)',
    '8: 3. `gate` reads `short` (read)',
    '9: 4. `gate` writes `nic` (read write)',
    '9: 5. `host` reads `nic`, which is unprotected',
  ])
})

test('a rest that blocks leaves what the monitor answers and what is always scrubbed as they are', () => {
  const source =
    'workflow w { peer a image "a" peer b image "b" channel c a -> b 4 KiB transition a { call *: block exception *: block } }'
  const { workflow } = check(source, { file: 'w.mica' })
  const blocked = (id: number): boolean =>
    workflow?.transitions.some(({ ranges }) => ranges.some(([first, last]) => first <= id && id <= last)) ?? false
  const [hostCall, attestationToken, notify, systemOff] = [0xc400_0199, 0xc400_0194, 0xc400_01b6, 0x8400_0008]
  expect([hostCall, attestationToken, notify, systemOff].map(blocked)).toEqual([true, false, false, false])
})

test('a diagnostic is rendered with its code, place, line, underline and remedy', () => {
  const source = 'workflow w {\n  peer encoder image "e.ts"\n  channel raw encoder -> encodr 4 KiB\n}\n'
  const [diagnostic] = check(source, { file: 'w.mica' }).diagnostics
  expect(diagnostic && renderDiagnostic(diagnostic, source)).toBe(
    [
      'error MICA1201: unknown peer `encodr`',
      '    w.mica:3:26',
      '    3 |   channel raw encoder -> encodr 4 KiB',
      '      |                          ^^^^^^',
      '  help: did you mean `encoder`',
    ].join('\n'),
  )
})
