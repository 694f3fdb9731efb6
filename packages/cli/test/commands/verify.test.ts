import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

const folder = new URL('../../../verifier/test/vectors/', import.meta.url)
const vector = (name: string): string => new URL(name, folder).pathname
const expected = JSON.parse(readFileSync(new URL('expect.json', folder), 'utf8'))
const CHALLENGE: string = expected.nonce_hex
const pkey = JSON.parse(readFileSync(new URL('keys/cpak-p384.jwk.json', folder), 'utf8'))
const anchor = { 'implementation-id': expected.implementation_id, 'instance-id': expected.instance_id, pkey }
const anchors = scratch.write('anchors.json', JSON.stringify([{ ...anchor, name: 'sample' }]))

const TOKEN = vector('pos-01-draft04-resigned-2026.cbor')
const trusting = ['--trust-anchor', anchors, '--challenge', CHALLENGE]
const judged = async (...argv: readonly string[]) => {
  const { code, out, err } = await mica(['verify', ...argv, '--json'])
  expect(err).toBe('')
  return { code, ...JSON.parse(out) }
}

describe('the token of one Realm', () => {
  test('is accepted by its trust anchor and challenge, with an attestation result beside the verdict', async () => {
    const { code, verdict, findings, ear } = await judged(TOKEN, ...trusting)
    expect({ code, verdict, findings }).toEqual({ code: 0, verdict: 'accepted', findings: [] })
    expect(Object.keys(ear.submods)).toEqual(['CCA_SSD_PLATFORM', 'CCA_REALM'])
    expect(ear.eat_nonce).toBeDefined()
  })

  test('is shown to people with who vouches for it', async () => {
    const { code, out } = await mica(['verify', TOKEN, ...trusting])
    expect(code).toBe(0)
    expect(out).toMatch(/^accepted {3}vouched for by `sample`\n/)
  })

  test('is rejected without a challenge: nothing says when it was made', async () => {
    const { code, findings } = await judged(TOKEN, '--trust-anchor', anchors)
    expect(code).toBe(1)
    expect(findings).toMatchObject([{ name: 'freshness', code: 'MICA2017', claim: 'realm 10' }])
    expect(findings[0].detail).toBe('no challenge was sent, so nothing says when the evidence was made')
  })

  test('is rejected where only the simulator is believed', async () => {
    const { code, findings } = await judged(TOKEN, '--trust', 'simulated', '--challenge', CHALLENGE)
    expect(code).toBe(1)
    expect(findings).toMatchObject([{ name: 'no-trust-anchor' }])
  })

  test('is appraised by a manifest of reference values', async () => {
    const good = await judged(TOKEN, ...trusting, '--endorsements', vector('corim/plat-valid.cbor'))
    expect(good.ear.submods.CCA_SSD_PLATFORM['ear.status']).toBe('affirming')
    const bad = await judged(TOKEN, ...trusting, '--endorsements', vector('corim/realm-rpv-mismatch.cbor'))
    expect(bad).toMatchObject({ code: 1, verdict: 'rejected', findings: [{ name: 'rpv' }] })
  })

  test('finds no anchor in a manifest about another implementation', async () => {
    const argv = ['--trust-anchor', vector('corim/ta-other-impl.cbor'), '--challenge', CHALLENGE]
    expect(await judged(TOKEN, ...argv)).toMatchObject({ code: 1, findings: [{ name: 'no-trust-anchor' }] })
  })

  test('must be one of the images of a lock, where one is given', async () => {
    const lock = scratch.write(
      'lock.json',
      JSON.stringify({ workflow: 'w', peers: { a: { rim: `sha256:${'00'.repeat(32)}` } } }),
    )
    expect(await judged(TOKEN, ...trusting, '--lock', lock)).toMatchObject({ code: 1, findings: [{ name: 'rim' }] })
  })

  test('that is broken in several places is rejected for the first, and with --all for all of them', async () => {
    const broken = scratch.write('broken.cbor', readFileSync(vector('neg-01-platform-sig-flip.cbor')))
    const other = CHALLENGE.replace(/^../, '00')
    const argv = [broken, '--trust-anchor', anchors, '--challenge', other]
    const names = ({ findings }: { findings: { name: string }[] }): string[] => findings.map(({ name }) => name)
    expect(names(await judged(...argv))).toEqual(['platform-signature'])
    expect(names(await judged(...argv, '--all'))).toEqual(['platform-signature', 'freshness'])
  })

  test('whatever its bytes are, gives a verdict', async () => {
    const token = readFileSync(TOKEN)
    for (const bytes of [new Uint8Array(), Uint8Array.of(0xd9, 0x03, 0x8b), token.subarray(1), token.subarray(0, -1)]) {
      expect((await judged(scratch.write('odd.cbor', bytes), ...trusting)).code).toBe(1)
    }
  })
})

describe('several tokens', () => {
  test('are a set, in which no Realm may appear twice; findings say which file they are about', async () => {
    const [first, again] = [vector('group/A1.cbor'), vector('group/A1-resigned.cbor')]
    const json = await judged(first, again, ...trusting)
    expect(json).toMatchObject({
      code: 1,
      verdict: 'rejected',
      findings: [{ name: 'set-duplicate', member: '1' }],
      evidence: [
        { file: first, verdict: 'accepted' },
        { file: again, verdict: 'accepted' },
      ],
    })
    const { out } = await mica(['verify', first, again, ...trusting])
    expect(out).toContain(`rejected   MICA2056 set-duplicate: ${again}: the same Realm as member 0`)
  })

  test('may each answer a challenge derived for its place', async () => {
    const first = vector('group/A1-derived-nonce-0.cbor')
    expect(await judged(first, ...trusting, '--derived-challenges')).toMatchObject({ code: 0 })
    expect(await judged(first, ...trusting)).toMatchObject({ code: 1, findings: [{ name: 'freshness' }] })
  })
})
