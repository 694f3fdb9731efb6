import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { keyFromPem, readCorim } from '@mica/verifier'
import { afterAll, describe, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

const lock = scratch.write(
  'mica.lock.json',
  JSON.stringify({
    workflow: 'w',
    peers: { a: { rim: `sha256:${'11'.repeat(32)}` }, b: { rim: `sha256:${'22'.repeat(32)}` } },
  }),
)
const platform = new URL('../../../verifier/test/vectors/corim/plat-valid.cbor', import.meta.url).pathname
const out = scratch.path('out.corim')
const written = (options: Parameters<typeof readCorim>[1] = {}) => {
  const reading = readCorim(new Uint8Array(readFileSync(out)), options)
  return reading.kind === 'read' ? reading.value : reading.reason
}
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const key = scratch.write('key.pem', privateKey.export({ format: 'pem', type: 'pkcs8' }).toString())
const jwk = scratch.write('key.json', JSON.stringify(privateKey.export({ format: 'jwk' })))
const signers = { keys: [keyFromPem(publicKey.export({ format: 'pem', type: 'spki' }).toString())!] }

describe('the images of a lock', () => {
  test('become a manifest of Realms, unsigned where no key is given', async () => {
    const { code, out: said } = await mica(['endorse', lock, '--out', out, '--json'])
    expect({ code, ...JSON.parse(said) }).toMatchObject({ code: 0, subject: 'realm', realms: 2, signed: false })
    const rims = ['11', '22'].map((byte) => ({ rim: new Uint8Array(Buffer.from(byte.repeat(32), 'hex')) }))
    expect(written()).toMatchObject({ endorsements: { realms: rims }, notes: [] })
  })

  test.each([key, jwk])('are signed with a key, as PEM or JWK, for some days', async (file) => {
    const { code, out: said } = await mica([
      'endorse',
      lock,
      '--out',
      out,
      '--key',
      file,
      '--signer',
      'me',
      '--days',
      '2',
    ])
    expect({ code, said }).toEqual({
      code: 0,
      said: expect.stringMatching(/^signed endorsement of 2 Realms: .* bytes\n$/),
    })
    expect(written({ signers })).toMatchObject({ endorsements: { realms: [{}, {}] } })
    expect(written({ signers, at: new Date(Date.now() + 3 * 86_400_000) })).toMatch(/^the signature expired at /)
  })
})

test('a manifest of platforms is written again, and together with a lock one of the two has to be named', async () => {
  expect((await mica(['endorse', platform, '--out', out])).code).toBe(0)
  expect(written()).toMatchObject({ endorsements: { platforms: [{}], realms: [] } })
  const both = await mica(['endorse', platform, lock, '--out', out])
  expect({ code: both.code, err: both.err }).toEqual({
    code: 2,
    err: 'error: the files are about Realms and platforms\n  help: --of realm or --of platform says which\n',
  })
  expect((await mica(['endorse', platform, lock, '--out', out, '--of', 'realm'])).code).toBe(0)
  expect(written()).toMatchObject({ endorsements: { platforms: [], realms: [{}, {}] } })
})

test('a key that is revoked is not written as one to believe', async () => {
  const anchor = {
    name: 'old',
    'implementation-id': '7f'.repeat(32),
    'instance-id': '01'.repeat(33),
    pkey: JSON.parse(readFileSync(jwk, 'utf8')),
  }
  const file = (revoked: boolean) => scratch.write(`revoked-${revoked}.json`, JSON.stringify([{ ...anchor, revoked }]))
  expect((await mica(['endorse', file(false), '--out', out])).code).toBe(0)
  const { code, err } = await mica(['endorse', file(true), '--out', out])
  expect({ code, first: err.split('\n')[0] }).toEqual({
    code: 2,
    first: 'error: trust anchor `old` is revoked, which a CoRIM cannot say',
  })
})

test('files without anything of the sort that is asked for give no manifest, and 1', async () => {
  const { code, err } = await mica(['endorse', lock, '--of', 'platform', '--out', scratch.path('none.corim')])
  expect({ code, err }).toEqual({ code: 1, err: 'error: the files endorse no platform\n' })
})

test.each([
  [['--of', 'reelm'], 'there is no --of `reelm`'],
  [['--days', '0'], '--days is a number of 1 to 36500, found `0`'],
  [['--signer', 'me'], 'there is nothing to sign with: no --key'],
  [['--key', key], 'a signature says whose it is: no --signer'],
  [['--key', lock, '--signer', 'me'], `${lock} is no private key of P-256, P-384 or P-521, as PEM or JWK`],
  [['--key', key, '--signer', 'me', '--certificates', key], `${key}: a \`PRIVATE KEY\` says nothing of who may sign`],
])('%j: %s', async (argv, message) => {
  const { code, err } = await mica(['endorse', lock, '--out', scratch.path('none.corim'), ...argv])
  expect({ code, first: err.split('\n')[0] }).toEqual({ code: 2, first: `error: ${message}` })
})
