import { readSigners } from '@mica/verifier'
import { afterAll, describe, expect, test } from 'vitest'
import { digestOf } from '../src/document.ts'
import { manifests, readVector, VECTOR_ANCHORS_JSON, VECTOR_NONCE, VECTOR_TOKEN } from './support/evidence.ts'
import { asOperator, newStore, serve, type TestService } from './support/service.ts'

const store = await newStore()
const service = await serve(store)
const other = await serve(store, { limits: { endorsementsAgeMs: 20 } })
const stranger = await serve(store, { storeKey: new Uint8Array(32).fill(1) })
afterAll(async () => {
  await Promise.all([service, other, stranger].map((one) => one.close()))
})

const SUBMIT = '/endorsement-provisioning/v1/submit'
const DOCUMENTS = '/endorsement-provisioning/v1/documents'
const CWT = 'application/eat+cwt'
const anchors = new TextEncoder().encode(VECTOR_ANCHORS_JSON)
const platform = readVector('corim/plat-valid.cbor')

/** The status of each part of the published token's result. */
async function statuses(at: TestService): Promise<Record<string, string>> {
  const { path } = await at.session(VECTOR_NONCE)
  const { json } = await at.submit(path, CWT, VECTOR_TOKEN)
  const { submods } = JSON.parse(Buffer.from(json.result.split('.')[1], 'base64url').toString())
  return Object.fromEntries(Object.entries<Record<string, string>>(submods).map(([k, v]) => [k, v['ear.status']!]))
}
const remove = (digest: string) =>
  service.call(`${DOCUMENTS}/${digest}`, { method: 'DELETE', headers: asOperator }).then(({ status }) => status)

describe('what operators provision', () => {
  test('counts from the next appraisal on, and until it is removed', async () => {
    expect(await statuses(service)).toEqual({ ARM_CCA: 'contraindicated' })
    const { status, headers, json } = await service.submit(SUBMIT, 'application/json', anchors, asOperator)
    expect([status, headers.get('content-type')]).toEqual([200, 'application/vnd.veraison.provisioning-session+json'])
    expect(json).toMatchObject({ status: 'success', digest: `sha256:${digestOf(anchors)}` })
    expect(await statuses(service)).toEqual({ CCA_SSD_PLATFORM: 'none', CCA_REALM: 'none' })
    const type = 'application/rim+cbor; profile="tag:any"'
    expect((await service.submit(SUBMIT, type, platform, asOperator)).status).toBe(200)
    expect((await statuses(service))['CCA_SSD_PLATFORM']).toBe('affirming')
    expect(await remove(digestOf(platform))).toBe(204)
    expect((await statuses(service))['CCA_SSD_PLATFORM']).toBe('none')
  })

  test('counts in every instance, after no longer than it may be old', async () => {
    expect((await statuses(other))['CCA_SSD_PLATFORM']).toBe('none')
    await service.submit(SUBMIT, 'application/rim+cbor', platform, asOperator)
    await new Promise((resolve) => setTimeout(resolve, 25))
    expect((await statuses(other))['CCA_SSD_PLATFORM']).toBe('affirming')
    await remove(digestOf(platform))
  })

  test('is listed by digest, once however often it is submitted', async () => {
    await service.submit(SUBMIT, 'application/json', anchors, asOperator)
    const { json } = await service.call(DOCUMENTS, { headers: asOperator })
    expect(json.documents).toEqual([
      { digest: `sha256:${digestOf(anchors)}`, type: 'application/json', submitted: expect.any(String) },
    ])
  })

  test('is read before it is stored: what cannot be used is refused with the reason', async () => {
    const refused = async (type: string, bytes: Uint8Array | string) => {
      const { status, json } = await service.submit(SUBMIT, type, bytes, asOperator)
      return [status, json.detail]
    }
    expect(await refused('application/rim+cbor', anchors.subarray(1))).toEqual([400, expect.any(String)])
    expect(await refused('application/json', '[{}]')).toEqual([400, expect.stringContaining('trust anchor 0')])
    expect(await refused('application/json', '{"name":"a file of another kind"}')).toEqual([
      400,
      expect.stringContaining('endorses nothing'),
    ])
    expect(await refused('application/rim+cose', platform)).toEqual([400, expect.stringContaining('--endorser')])
    expect(await refused('application/vnd.mica.group-expectations+json', '{}')).toEqual([400, expect.any(String)])
    expect(await refused('application/xml', '<a/>')).toEqual([415, expect.any(String)])
    expect((await service.call(DOCUMENTS, { headers: asOperator })).json.documents).toHaveLength(1)
  })

  test('may be signed, by whom the service was told of: it counts by that signature alone', async () => {
    const { SIGNER_PEM, realmCorim, signedCorim } = manifests
    const signed = signedCorim(realmCorim())
    const forged = signed.map((byte, i) => (i === signed.length - 1 ? byte ^ 1 : byte))
    const reading = readSigners(new TextEncoder().encode(SIGNER_PEM))
    if (reading.kind === 'refused') throw new Error(reading.reason)
    const told = await serve(store, { signers: reading.value })
    const submit = (bytes: Uint8Array) => told.submit(SUBMIT, 'application/rim+cose', bytes, asOperator)
    expect(await submit(forged)).toMatchObject({ status: 400 })
    expect((await statuses(told))['CCA_REALM']).toBe('none')
    expect(await submit(signed)).toMatchObject({ status: 200 })
    // Its Realm is another than that of the token.
    expect((await statuses(told))['CCA_REALM']).toBe('contraindicated')
    await remove(digestOf(signed))
    await told.close()
  })

  test('that there is not cannot be removed', async () => {
    for (const digest of ['00'.repeat(32), 'x', 'sha256:']) expect(await remove(digest)).toBe(404)
  })
})

describe('the operator token', () => {
  const requests: [string, string][] = [
    ['POST', SUBMIT],
    ['GET', DOCUMENTS],
    ['DELETE', `${DOCUMENTS}/${'00'.repeat(32)}`],
    ['POST', '/key-release/v1/secrets'],
    ['GET', '/key-release/v1/secrets/x'],
    ['DELETE', '/key-release/v1/secrets/x'],
  ]

  test.each(requests)('is asked for before anything else: %s %s', async (method, path) => {
    for (const Authorization of ['', 'Bearer wrong', 'Basic dGhlOnRva2Vu', `Bearer ${asOperator.Authorization}`]) {
      const { status, headers, json } = await service.call(path, { method, headers: { Authorization } })
      expect([Authorization, status]).toEqual([Authorization, 401])
      expect(headers.get('www-authenticate')).toMatch(/^Bearer/)
      expect(json.status).toBe(401)
    }
  })

  test.each(requests)('that a service does not have closes it: %s %s', async (method, path) => {
    const closed = await serve(store, { token: undefined })
    const { status, json } = await closed.call(path, { method, headers: asOperator })
    expect([status, json.detail]).toEqual([403, expect.stringContaining('without an operator token')])
    await closed.close()
  })
})

describe('whoever writes to the database', () => {
  test('cannot add a document: what no instance stored is passed over, and logged', async () => {
    await store.addEndorsement({
      digest: digestOf(platform),
      mediaType: 'application/rim+cbor',
      bytes: platform,
      submittedAt: 0,
    })
    const moved = (await store.endorsementsSince(undefined))!.records.find(
      ({ digest }) => digest === digestOf(anchors),
    )!
    await store.addEndorsement({ ...moved, digest: '11'.repeat(32) })
    const fresh = await serve(store)
    expect((await statuses(fresh))['CCA_SSD_PLATFORM']).toBe('none')
    expect(fresh.log.filter(({ msg }) => msg === 'document passed over')).toHaveLength(2)
    await fresh.close()
  })

  test('of a service with another key is such a writer', async () => {
    expect(await statuses(stranger)).toEqual({ ARM_CCA: 'contraindicated' })
    expect(stranger.log.filter(({ msg }) => msg === 'document passed over')).toHaveLength(3)
  })
})
