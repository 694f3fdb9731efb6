import { readFileSync } from 'node:fs'
import { blobDigest, encodeBlob, encodePolyV1, type Policy } from '@mica/policy'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

const source = `workflow w {
  version 7
  gateway peer gate rim sha256:${'11'.repeat(32)} or sha256:${'12'.repeat(32)}
  peer box rim sha256:${'22'.repeat(32)} rpv "first"
  open peer friend rim sha256:${'33'.repeat(32)}
  channel in gate -> box 256 KiB paced
  channel back box -> (gate, friend) 8 KiB
  channel svc gate <-> any(2) 4 KiB at 0x1000_0000
  memory code protected 12 KiB { gate: owner read write at 0x2000_0000, box: read execute, any: read }
  channel nic gate <-> host 64 KiB
  transition box { call host_call, psci: allow exception data_abort: scrub exception *: block interrupt 32..63: allow }
  transition gate { call time: allow }
  assert in reaches host
}
`
const prototype = new URL('../../../policy/test/poly-v1/prototype/', import.meta.url)
const vectors: Readonly<Record<string, { wire: string; 'slot1/256': string }>> = JSON.parse(
  readFileSync(new URL('vectors.json', prototype), 'utf8'),
)
const build = scratch.path('build')

beforeAll(async () => {
  const { code, err } = await mica(['compile', scratch.write('w.mica', source), '--out', build])
  expect({ code, err: err.includes('error') }).toEqual({ code: 0, err: false })
  for (const [name, { wire }] of Object.entries(vectors)) scratch.write(`${name}.poly`, Buffer.from(wire, 'hex'))
})

test('a blob is told with its names, rights, addresses and transitions', async () => {
  const { code, out, err } = await mica(['inspect', `${build}/box.policy`])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(
    /^mica-v2, \d+ bytes\n {2}sha-256 {2}[0-9a-f]{64}\n {2}sha-512 {2}[0-9a-f]{128}\n\npolicy of box, version 7\n/,
  )
  expect(out).toMatch(/^assertions sha256:[0-9a-f]{64}$/m)
  expect(out).toMatch(/^ {2}gate +gateway strict +sha256:(11){32} or sha256:(12){32}$/m)
  expect(out).toMatch(/^ {2}box +self strict +sha256:(22){32} rpv "first"$/m)
  expect(out).toMatch(/^ {2}in {2}protected, 256 KiB, paced$/m)
  expect(out).toMatch(/^ {4}any\(2\) +read write +at 0x1000_0000$/m)
  expect(out).toMatch(/^ {4}any +read +anywhere$/m)
  expect(out).toMatch(/^ {2}box +exception +data_abort +scrub$/m)
  expect(out).toMatch(/^ {2}gate +call +time +allow$/m)
})

test('a blob of the prototype is told too, with what its REM[0] holds', async () => {
  const { code, out } = await mica(['inspect', scratch.path('network-ra.poly')])
  expect(code).toBe(0)
  expect(out).toContain(`poly-v1, 112 bytes\n  sha-256  ${vectors['network-ra']!['slot1/256']}\n`)
  expect(out).toMatch(/^ {2}VM2 +self open +label 0x2$/m)
  expect(out).toMatch(/^ {2}VM1 +call +0x23 +block$/m)
  expect(out).toContain('  a monitor here refuses it: memory `Mem1`')
})

test('a blob of the prototype that a monitor takes has the digest by which reports name it', async () => {
  const mappings = [0, 1].map((peer) => ({ peer, rights: 3, ipaGranule: 0x200 }))
  const peers = ['VM1', 'VM2'].map((name) => ({ name, gateway: false, strict: false, rims: [] }))
  const memories = [{ name: 'Mem1', kind: 'protected', granules: 1, mappings, paced: false }] as const
  const policy = { self: 0, peers, memories, transitions: [] }
  const encoded = encodePolyV1({ ...policy, peers: peers.map((peer, label) => ({ ...peer, label })) })
  if (encoded.kind === 'refused') throw new Error(encoded.facts[0]!.rule)
  scratch.write('near.poly', encoded.blob)
  const { out } = await mica(['inspect', scratch.path('near.poly')])
  const digest = Buffer.from(blobDigest(encodeBlob(policy), 'sha-256')).toString('hex')
  expect(out).toContain(`  mica-v2 sha-256  ${digest}\n`)
  expect(out).not.toContain('refuses')
})

test('--json has everything, in bytes and numbers', async () => {
  const { out } = await mica(['inspect', `${build}/box.policy`, '--json'])
  const { format, bytes, policy } = JSON.parse(out)
  expect({ format, bytes }).toEqual({ format: 'mica-v2', bytes: readFileSync(`${build}/box.policy`).length })
  expect(policy).toMatchObject({ self: 'box', version: 7 })
  expect(policy.memories.find((memory: { name: string }) => memory.name === 'svc')).toEqual({
    name: 'svc',
    kind: 'protected',
    bytes: 4096,
    paced: false,
    mappings: [
      { peer: 'gate', rights: ['read', 'write'], address: 0x1000_0000 },
      { peer: 'any', rights: ['read', 'write'], address: 0x1000_0000, count: 2 },
    ],
  })
})

describe('--mica prints source that compiles to the same bytes', () => {
  /** The blob that a blob's source compiles to. */
  async function again(blob: string, target: string): Promise<Buffer> {
    const { code, out, err } = await mica(['inspect', blob, '--mica'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const file = scratch.write('again.mica', out)
    const folder = scratch.path(`again-${target}`)
    expect((await mica(['compile', file, '--target', target, '--out', folder])).code).toBe(0)
    const name = /^policy (\S+) for/.exec(out)?.[1]
    return readFileSync(`${folder}/${name}.policy`)
  }

  test.each(['gate', 'box', 'friend'])('of %s', async (peer) => {
    const blob = `${build}/${peer}.policy`
    expect(await again(blob, 'mica-v2')).toEqual(readFileSync(blob))
  })

  test.each(Object.keys(vectors))('of the prototype’s %s', async (name) => {
    const blob = scratch.path(`${name}.poly`)
    expect(await again(blob, 'poly-v1')).toEqual(readFileSync(blob))
  })

  test('and says so where a name cannot stand in source', async () => {
    const policy: Policy = {
      self: 0,
      peers: [{ name: 'not a name\u001b[2J', gateway: false, strict: true, rims: [] }],
      memories: [],
      transitions: [],
    }
    const file = scratch.write('odd.policy', encodeBlob(policy))
    const told = await mica(['inspect', file])
    expect(told.code).toBe(0)
    expect(told.out).toContain('policy of not a name\\u{1b}[2J\n')
    const { code, err } = await mica(['inspect', file, '--mica'])
    expect({ code, err }).toEqual({
      code: 1,
      err: `error: ${file}: \`not a name\\u{1b}[2J\` is no name of the language, and a peer is called so\n`,
    })
  })
})

test('bytes that are no blob are refused, with the reason', async () => {
  const blob = readFileSync(`${build}/box.policy`)
  const file = scratch.write('cut.policy', blob.subarray(0, -1))
  const { code, out, err } = await mica(['inspect', file])
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toMatch(/^error: .*cut\.policy: the policy is refused: the blob is no deterministic CBOR/)
  expect(JSON.parse((await mica(['inspect', file, '--json'])).out).refused).toHaveLength(1)
})

test('reference JSON is no blob, and misuse is told', async () => {
  const json = scratch.write('p.json', readFileSync(new URL('video-rg.prototype', prototype)))
  expect((await mica(['inspect', json])).err).toBe(
    `error: ${json} is no blob but reference JSON\n  help: mica import ${json} -o p.json.mica\n`,
  )
  expect((await mica(['inspect', json, '--mica', '--json'])).err).toContain('--mica and --json ask for two things')
  expect((await mica(['inspect'])).code).toBe(2)
})
