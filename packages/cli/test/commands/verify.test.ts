import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type EcPrivateJwk, signCorim } from '@mica/verifier'
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

describe('evidence in a carrier', () => {
  test('is judged as what it carries: the object of Trustee, and a CMW record', async () => {
    const token = readFileSync(TOKEN)
    const trustee = scratch.write('trustee.json', JSON.stringify({ token: [...token] }))
    const cmw = scratch.write('cmw.json', JSON.stringify(['application/eat-collection', token.toString('base64url')]))
    for (const file of [trustee, cmw]) expect(await judged(file, ...trusting)).toMatchObject({ code: 0 })
    const broken = scratch.write('broken.json', JSON.stringify({ token: [...token].map(String) }))
    const { code, findings } = await judged(broken, ...trusting)
    expect({ code, findings }).toMatchObject({
      code: 1,
      findings: [{ name: 'malformed', detail: 'it is JSON, and neither Trustee evidence nor a CMW record' }],
    })
  })
})

describe('endorsements that are signed', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const endorser = scratch.write('endorser.pem', pair.publicKey.export({ format: 'pem', type: 'spki' }).toString())
  const corim = vector('corim/plat-valid.cbor')
  const jwk = pair.privateKey.export({ format: 'jwk' }) as unknown as EcPrivateJwk
  const signed = scratch.write('signed.cbor', signCorim(readFileSync(corim), jwk, { signer: 'endorser' }))

  test('count when somebody whom --signer names has signed them', async () => {
    const { code, ear } = await judged(TOKEN, ...trusting, '--endorsements', signed, '--signer', endorser)
    expect(code).toBe(0)
    expect(ear.submods.CCA_SSD_PLATFORM['ear.status']).toBe('affirming')
  })

  test('are refused without a signer, by another, and where others are not signed', async () => {
    const refused = async (...argv: readonly string[]): Promise<string> => {
      const { code, err } = await mica(['verify', TOKEN, ...trusting, ...argv])
      expect(code).toBe(2)
      return err.split('\n')[0]!.replace(/^error: \S+: /, '')
    }
    expect(await refused('--endorsements', signed)).toBe('it is signed, and nobody is trusted to sign endorsements')
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'pem', type: 'spki' })
    const stranger = scratch.write('stranger.pem', other.toString())
    expect(await refused('--endorsements', signed, '--signer', stranger)).toBe(
      'it is not signed by a key that is trusted for endorsements',
    )
    expect(await refused('--endorsements', corim, '--signer', endorser)).toBe('it is not signed')
    expect(await refused('--endorsements', signed, '--signer', corim)).toBe('it is neither PEM, JWK nor DER')
  })

  test('may stand beside trust anchors that are not: who names an anchor vouches for it himself', async () => {
    const anchor = vector('corim/ta-other-impl.cbor')
    const argv = ['--challenge', CHALLENGE, '--trust-anchor', anchor, '--endorsements', signed, '--signer', endorser]
    expect(await judged(TOKEN, ...argv)).toMatchObject({ code: 1, findings: [{ name: 'no-trust-anchor' }] })
    const signedAnchor = scratch.write('anchor.cbor', signCorim(readFileSync(anchor), jwk, { signer: 'endorser' }))
    const both = ['--challenge', CHALLENGE, '--trust-anchor', signedAnchor, '--signer', endorser]
    expect(await judged(TOKEN, ...both)).toMatchObject({ code: 1, findings: [{ name: 'no-trust-anchor' }] })
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
    expect(Object.keys(json.ear.submods)).toEqual(
      [0, 1].flatMap((place) => [`${place}/CCA_SSD_PLATFORM`, `${place}/CCA_REALM`]).concat('MICA_SET'),
    )
    expect(json.ear.submods.MICA_SET['ear.status']).toBe('contraindicated')
    const { out } = await mica(['verify', first, again, ...trusting])
    expect(out).toMatch(/^rejected {3}2 files together\nrejected {3}MICA2056 set-duplicate: /)
    expect(out).toContain(`MICA2056 set-duplicate: ${again}: the same Realm as member 0`)
  })

  test('may each answer a challenge derived for its place', async () => {
    const first = vector('group/A1-derived-nonce-0.cbor')
    expect(await judged(first, ...trusting, '--derived-challenges')).toMatchObject({ code: 0 })
    expect(await judged(first, ...trusting)).toMatchObject({ code: 1, findings: [{ name: 'freshness' }] })
  })
})
