import { readFileSync } from 'node:fs'
import { check, compile, hasErrors, importPolicies } from '@mica/dsl'
import { decodeBlob, describeFact, encodeBlob, encodePolyV1, type Policy, project } from '@mica/policy'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { workflowText } from '../random-workflow.ts'
import { rimOfName } from '../rim-of-name.ts'

const prototype = new URL('../../../policy/test/poly-v1/prototype/', import.meta.url)
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, prototype)))
const vectors: Readonly<Record<string, { readonly wire: string }>> = JSON.parse(
  new TextDecoder().decode(read('vectors.json')),
)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const json = (name: string) => ({ file: `${name}.json`, bytes: read(`${name}.prototype`) })

/** The blobs that imported text compiles to. */
function compiled(text: string | undefined, target: 'mica-v2' | 'poly-v1'): ReadonlyMap<string, Uint8Array> {
  const { blobs, diagnostics } = compile(text ?? '', { file: 'imported.mica', target })
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  return blobs
}

describe.each(Object.keys(vectors))('the prototype’s policy %s', (name) => {
  const wire = vectors[name]!.wire

  test('is imported without a word, and written as the prototype writes it', () => {
    const { text, policies, diagnostics } = importPolicies([json(name)], 'w')
    expect(diagnostics).toEqual([])
    const encoded = encodePolyV1(policies[0]!.policy)
    expect(encoded.kind === 'blob' && hex(encoded.blob)).toBe(wire)
    expect(check(text ?? '', { file: 'w.mica' }).diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
    expect([...compiled(text, 'poly-v1').values()].map(hex)).toEqual([wire])
  })

  test('is the same from its blob', () => {
    const blob = { file: `${name}.json`, bytes: new Uint8Array(Buffer.from(wire, 'hex')) }
    expect(importPolicies([blob], 'w').text).toBe(importPolicies([json(name)], 'w').text)
  })
})

const pipeline = `workflow pipeline {
  version 2
  gateway peer gate image "gate.ts"
  peer encoder image "encoder.ts" rpv "first"
  peer moderator image "moderator.ts"
  channel raw gate -> encoder 256 KiB
  channel coded encoder -> moderator 256 KiB paced
  channel clean moderator -> gate 256 KiB
  memory code protected 12 KiB { gate: owner read write at 0x2000_0000, encoder: read execute, any: read }
  channel nic gate <-> host 64 KiB
  transition encoder { call host_call, psci: allow exception data_abort: scrub }
}
`

describe('blobs of format 2', () => {
  const { blobs } = compile(pipeline, { file: 'p.mica', rimOf: rimOfName })
  const files = [...blobs].map(([peer, bytes]) => ({ file: `${peer}.policy`, bytes }))

  test('each becomes a policy that compiles to the same bytes', () => {
    for (const { file, bytes } of files) {
      const { text, diagnostics } = importPolicies([{ file, bytes }], 'w')
      expect(diagnostics).toEqual([])
      expect([...compiled(text, 'mica-v2').values()].map(hex)).toEqual([hex(bytes)])
    }
  })

  test('all of a workflow become one that is projected to the same bytes', () => {
    const { text, workflow, diagnostics } = importPolicies(files, 'again')
    expect(diagnostics).toEqual([])
    expect(workflow?.name).toBe('again')
    const again = compiled(text, 'mica-v2')
    for (const [peer, blob] of blobs) expect(hex(again.get(peer)!)).toBe(hex(blob))
  })

  test('assertions that only a digest names are asked for', () => {
    const asserted = compile(pipeline.replace('version 2', 'version 2 assert raw reaches host'), {
      file: 'p.mica',
      rimOf: rimOfName,
    })
    const { diagnostics } = importPolicies(
      [...asserted.blobs].map(([peer, bytes]) => ({ file: `${peer}.policy`, bytes })),
      'w',
    )
    expect(diagnostics.map(({ code, severity }) => `${code} ${severity}`)).toEqual(['MICA1874 warning'])
  })

  test('one that no decoder takes is refused with the reason', () => {
    const { text, diagnostics } = importPolicies([{ file: 'a', bytes: files[0]!.bytes.slice(0, -1) }], 'w')
    expect(text).toBeUndefined()
    expect(diagnostics[0]!.message).toMatch(/^the policy is refused: the blob is no deterministic CBOR/)
  })

  test('a name that no policy file can have is an error', () => {
    const policy: Policy = {
      self: 0,
      peers: [{ name: 'two words', gateway: false, strict: true, rims: [] }],
      memories: [],
      transitions: [],
    }
    const { text, diagnostics } = importPolicies([{ file: 'a', bytes: encodeBlob(policy) }], 'w')
    expect({ text, message: diagnostics[0]!.message }).toEqual({
      text: undefined,
      message: '`two words` is no name of the language, and a peer is called so',
    })
  })
})

describe('several views', () => {
  const messages = (...names: string[]): string[] =>
    importPolicies(names.map(json), 'w').diagnostics.map(({ message }) => message)

  test('that agree become a workflow, whose projections are the views', () => {
    const { text, workflow, diagnostics } = importPolicies([json('video-rg'), json('video-re')], 'moderation')
    expect(diagnostics).toEqual([])
    expect(workflow?.memories.map(({ name }) => name)).toEqual(['Mem1', 'Mem3', 'Mem2'])
    const blobs = compiled(text, 'poly-v1')
    expect(hex(blobs.get('VM1')!)).toBe(vectors['video-rg']!.wire)
    expect(hex(blobs.get('VM2')!)).toBe(vectors['video-re']!.wire)
  })

  test('that list more than they need become a workflow, and it is said what is left out', () => {
    expect(messages('llm-rg', 'llm-rf')).toEqual([
      'in the workflow, the policy of `VM1` does not list `VM3`, which it does not need',
    ])
  })

  test('that do not agree stay policies, and it is said why', () => {
    const { text, workflow } = importPolicies([json('network-rnet'), json('network-ra')], 'w')
    expect(workflow).toBeUndefined()
    expect(messages('network-rnet', 'network-ra')).toEqual([
      'the policies are no views of one workflow: memory `Mem1` has other holders, rights or addresses in network-ra.json',
    ])
    const alone = ['network-rnet', 'network-ra'].map((name) => importPolicies([json(name)], 'w').text)
    expect(text).toBe(alone.join('\n'))
    // The prototype takes a named component for one of `any`, the monitor does not.
    const { diagnostics } = check(text ?? '', { file: 'w.mica' })
    const refused = diagnostics.filter(({ severity }) => severity === 'error').map(({ help }) => help)
    expect(refused).toEqual(['the rule is `peer-not-admitted`'])
    expect(messages('video-rg', 'llm-rg')).toEqual([
      'the policies are no views of one workflow: video-rg.json and llm-rg.json are both the policy of `VM1`',
    ])
  })

  const view = (name: string, text: string) => ({ file: name, bytes: new TextEncoder().encode(text) })
  const two = (changes: (text: string) => string, self = 'VM2'): string[] => {
    const text = new TextDecoder().decode(read('video-rg.prototype'))
    const other = changes(text.replace('"Self": "VM1"', `"Self": "${self}"`))
    return importPolicies([view('a', text), view('b', other)], 'w').diagnostics.map(({ message }) => message)
  }
  const differ = 'the policies are no views of one workflow: '

  test.each<[string, (text: string) => string, string]>([
    [
      'one component under two names',
      (text) => text.replaceAll('VM3', 'VM4'),
      'one component is called `VM3` and `VM4`',
    ],
    ['one name for two components', (text) => text.replace('0x3', '0x7'), '`VM3` is another component in each'],
    [
      'a gateway here and not there',
      (text) => text.replace('0x3, "is-gateway": true', '0x3, "is-gateway": false'),
      '`VM3` is a gateway in one and not in another',
    ],
    [
      'strict here and open there',
      (text) => text.replace('true, "strict": false },\n\n', 'true, "strict": true },\n\n'),
      '`VM3` is open in one and strict in another',
    ],
    ['two sizes of one memory', (text) => text.replace('0x40000', '0x80000'), 'memory `Mem1` has another size in b'],
    [
      'a memory protected here and not there',
      (text) => text.replace('PROTECTED', 'UNPROTECTED'),
      'memory `Mem1` is unprotected in b and protected before',
    ],
    [
      'a memory that its own policy does not list',
      (text) => text.replace(/,\s*"Mem1"[\s\S]*(?=,\s*"Mem3")/, ''),
      '`VM2` holds memory `Mem1` in another policy and not in its own',
    ],
  ])('%s is a disagreement', (_, changes, reason) => {
    expect(two(changes)).toEqual([differ + reason])
  })
})

test('the blobs of a generated workflow become a workflow of the same blobs, or it is said how they differ', () => {
  let same = 0
  fc.assert(
    fc.property(workflowText, (text) => {
      const { blobs } = compile(text, { file: 'w.mica', rimOf: rimOfName })
      // The assertions are lost; without their digests the policies are the same.
      const files = [...blobs].map(([peer, blob]) => ({ file: `${peer}.policy`, bytes: withoutAssertions(blob) }))
      const { workflow, diagnostics } = importPolicies(files, 'again')
      if (files.length < 2) return
      expect(workflow).toBeDefined()
      const different = diagnostics.map(({ message }) => /the policy of `([^`]+)`/.exec(message)?.[1])
      for (const [index, peer] of [...blobs.keys()].entries()) {
        if (different.includes(peer)) continue
        const projection = project(workflow!, peer)
        if (projection.kind === 'refused') throw new Error(describeFact(projection.fact))
        expect(hex(encodeBlob(projection.policy))).toBe(hex(files[index]!.bytes))
        same++
      }
    }),
    { numRuns: 40 },
  )
  expect(same).toBeGreaterThan(20)
})

function withoutAssertions(blob: Uint8Array): Uint8Array {
  const decoded = decodeBlob(blob)
  if (decoded.kind === 'refused') throw new Error(describeFact(decoded.fact))
  const { assertionDigest: _, ...policy } = decoded.policy
  return encodeBlob(policy)
}

test('an imported file is called by a name of the language', () => {
  const { policies, workflow } = importPolicies([json('video-rg'), json('video-re')], 'the policy!')
  expect(workflow?.name).toBe('the_policy_')
  expect(policies.map(({ name }) => name)).toEqual(['video_rg', 'video_re'])
  const twice = [json('video-rg'), { ...json('video-re'), file: 'folder/video-rg.json' }]
  expect(importPolicies(twice, 'w').policies.map(({ name }) => name)).toEqual(['video_rg', 'video_rg_2'])
  expect(importPolicies([{ ...json('video-rg'), file: '9/host.json' }], 'w').policies[0]!.name).toBe('host_')
})

test('no bytes make the importer throw, and what it prints always compiles', () => {
  const texts = Object.keys(vectors).map((name) => new TextDecoder().decode(read(`${name}.prototype`)))
  const mutated = fc
    .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(6), fc.string({ maxLength: 4 }))
    .map(([text, at, length, replacement]) => {
      const start = at % text.length
      return new TextEncoder().encode(text.slice(0, start) + replacement + text.slice(start + length))
    })
  let imported = 0
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: mutated }, fc.uint8Array({ maxLength: 80 })), (bytes) => {
      const { text, diagnostics } = importPolicies([{ file: 'f.json', bytes }], 'w')
      expect(text === undefined).toBe(hasErrors(diagnostics))
      if (text === undefined) return
      imported++
      compiled(text, 'poly-v1')
    }),
    { numRuns: 300 },
  )
  expect(imported).toBeGreaterThan(0)
})

test('long and deep files end with a diagnostic', () => {
  const codes = (text: string): string[] =>
    importPolicies([{ file: 'a', bytes: new TextEncoder().encode(text) }], 'w').diagnostics.map(({ code }) => code)
  expect(codes(`{ "Self": ${'['.repeat(100_000)}`)).toEqual(['MICA1853'])
  expect(codes(`{ "Self": "${'a'.repeat(1_048_576)}" }`)).toEqual(['MICA1854'])
  expect(codes(`{ ${'"Mem1": {},'.repeat(5000)} }`).length).toBeGreaterThan(1)
})
