import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { keyReleaseChallenge, verifyEar } from '@mica/verifier'
import { newKeys, openEmbedded, startService } from '@mica/verifier-service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { PIPELINE, Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
const [build, folder] = [scratch.path('build'), scratch.path('store')]
const bin = fileURLToPath(new URL('../../bin/mica.mjs', import.meta.url))
/** Processes are started here, each with a database: seconds on a quiet machine, and more on a busy one. */
const PATIENCE_MS = 240_000
const TOKEN = '0123456789abcdef0123456789abcdef'
const SECRET = 'the key of the clip'
const asOperator = { Authorization: `Bearer ${TOKEN}` }
const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64')
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

interface MemberKey {
  readonly encoded: Uint8Array
  open(answer: object, nonce: Uint8Array): Promise<string>
}
// The service's tests are no part of this package: they are found when the tests run, not when they are compiled.
const keys = new URL('../../../verifier-service/test/support/key.ts', import.meta.url)
const { newKey }: { newKey(): Promise<MemberKey> } = await import(keys.pathname)

interface Serving {
  readonly child: ChildProcess
  readonly url: string
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly err: string }>
}
const started: ChildProcess[] = []

/** Starts `mica serve` as a process of its own, and waits for the line that says where. */
function serve(...argv: string[]): Promise<Serving> {
  const env = { ...process.env, MICA_SERVICE_TOKEN: TOKEN }
  const child = spawn('node', [bin, 'serve', '--listen', '127.0.0.1:0', ...argv], { env })
  started.push(child)
  let [out, err] = ['', '']
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const ended = new Promise<{ code: number | null; err: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, err })),
  )
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      out += chunk
      const [, url] = /^serving (\S+), discovery \1\/\.well-known\/veraison\/verification\n/.exec(out) ?? []
      if (url !== undefined) resolve({ child, url, ended })
    })
    ended.then(() => reject(new Error(err)))
  })
}

const service = (): Promise<Serving> =>
  serve('--store', `embedded:${folder}`, '--trust', 'simulated', '--expectations', `${build}/mica.expectations.json`)

let serving: Serving
beforeAll(async () => {
  expect(await mica(['compile', PIPELINE, '--out', build])).toMatchObject({ code: 0 })
  serving = await service()
}, PATIENCE_MS)
afterAll(async () => {
  for (const child of started) child.kill()
  await serving?.ended
  scratch.remove()
})

const call = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(new URL(path, serving.url), init)
  return { status: response.status, headers: response.headers, json: JSON.parse(await response.text()) }
}
const post = (path: string, type: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  call(path, { method: 'POST', headers: { 'Content-Type': type, ...headers }, body })

async function session(query = '') {
  const { headers, json } = await call(`/challenge-response/v1/newSession${query}`, { method: 'POST' })
  return { location: headers.get('location'), nonce: bytesOf(json.nonce) }
}

/** Evidence of the demo, from a simulated machine, for a challenge and by the request of `peer`. */
async function attest(peer: string, challenge: Uint8Array, ...more: string[]): Promise<Uint8Array> {
  const out = scratch.path(`${peer}.cbor`)
  const argv = ['--build', build, '--peer', peer, '--challenge', hex(challenge), '--out', out, ...more]
  expect(await mica(['attest', PIPELINE, ...argv])).toMatchObject({ code: 0, err: '' })
  return new Uint8Array(readFileSync(out))
}

describe('mica serve', () => {
  test(
    'judges what mica attest makes: the token of a Realm, and the report of its group',
    async () => {
      const { json: discovery } = await call('/.well-known/veraison/verification')
      for (const [type, ...more] of [
        ['application/eat-collection; profile="http://arm.com/CCA-SSD/1.0.0"', '--token'],
        ['application/vnd.mica.group-evidence+cbor'],
      ] as const) {
        const { location, nonce } = await session('?nonceSize=64')
        const evidence = await attest('gate', nonce, ...more)
        const { status, json } = await post(`/challenge-response/v1/${location}`, type, evidence)
        expect([status, json.status]).toEqual([200, 'complete'])
        const reading = await verifyEar(json.result, discovery['ear-verification-key'], { nonce })
        if (reading.kind !== 'ear') throw new Error(reading.reason)
        const statuses = reading.ear.parts.map((part) => part.kind === 'appraisal' && part.status)
        expect(statuses[0]).toBe('affirming')
        if (more.length === 0) expect(new Set(statuses)).toEqual(new Set(['affirming']))
      }
    },
    PATIENCE_MS,
  )

  test(
    'is what mica attest --server asks and tells: 0 when nothing warns, 1 otherwise',
    async () => {
      const attestAt = (...argv: string[]) =>
        mica(['attest', PIPELINE, '--server', serving.url, '--out', scratch.path('sent.cbor'), ...argv])
      const report = await attestAt('--build', build, '--json')
      expect({ code: report.code, err: report.err }).toEqual({ code: 0, err: '' })
      const { result } = JSON.parse(report.out)
      expect(result).toMatchObject({ CCA_SSD_PLATFORM: 'affirming', 'MICA_REALM/gate': 'affirming' })
      const token = await attestAt('--build', build, '--token')
      expect(token).toMatchObject({ code: 0, out: expect.stringContaining('affirming       CCA_SSD_PLATFORM') })

      const fixed = { trustAnchors: [], endorsements: { platforms: [], realms: [] }, expectations: new Map() }
      const quiet = { logLevel: 'silent', logs: { write() {} } } as const
      const store = await openEmbedded()
      const distrusting = await startService({ host: '127.0.0.1', port: 0, store, ...newKeys(), fixed, ...quiet })
      const argv = ['--build', build, '--token', '--out', scratch.path('sent.cbor')]
      const refused = await mica(['attest', PIPELINE, '--server', distrusting.url, ...argv])
      expect(refused).toMatchObject({ code: 1, out: expect.stringContaining('contraindicated ARM_CCA') })
      await distrusting.close()
      const gone = await mica(['attest', PIPELINE, '--server', distrusting.url, ...argv])
      expect(gone).toMatchObject({ code: 2, err: expect.stringContaining('cannot reach') })
    },
    PATIENCE_MS,
  )

  test(
    'gives a secret to the gateway that it is registered for, and to no other member of the group',
    async () => {
      const expectations = `sha256:${await digestOf(`${build}/mica.expectations.json`)}`
      const { rim } = JSON.parse(readFileSync(`${build}/mica.lock.json`, 'utf8')).peers.gate
      const registration = { expectations, recipient: { peer: 'gate', rim }, secret: base64(SECRET) }
      const type = 'application/vnd.mica.secret+json'
      const registered = await post('/key-release/v1/secrets', type, JSON.stringify(registration), asOperator)
      expect(registered.status).toBe(201)
      secretId = registered.json.id

      expect(await ask('gate')).toEqual({ status: 200, opened: SECRET })
      for (const peer of ['encoder', 'moderator']) {
        expect(await ask(peer)).toMatchObject({ status: 403, findings: [{ name: 'not-the-recipient' }] })
      }
    },
    PATIENCE_MS,
  )

  test(
    'stops when told to, twice even, and goes on where it was: the same keys, the same secrets',
    async () => {
      const { json: before } = await call('/.well-known/veraison/verification')
      serving.child.kill('SIGTERM')
      serving.child.kill('SIGTERM')
      const { code, err } = await serving.ended
      expect(code).toBe(0)
      const log = err
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(log.at(0)).toMatchObject({ msg: 'listening', provisioning: 'open' })
      expect(log.at(-1)).toMatchObject({ msg: 'stopped' })
      expect(err).not.toContain(SECRET)
      for (const file of ['signing-key.json', 'store-key']) expect(statSync(`${folder}/${file}`).mode & 0o077).toBe(0)

      serving = await service()
      const { json: after } = await call('/.well-known/veraison/verification')
      expect(after['ear-verification-key']).toEqual(before['ear-verification-key'])
      expect(await ask('gate')).toEqual({ status: 200, opened: SECRET })
    },
    PATIENCE_MS,
  )
})

let secretId = ''

/** Asks for the secret as `peer`, with a key of its own, in a session of its own. */
async function ask(peer: string) {
  const { location, nonce } = await session()
  const key = await newKey()
  const evidence = await attest(peer, keyReleaseChallenge(nonce, key.encoded))
  const body = { secret: secretId, evidence: base64(evidence), key: base64(key.encoded) }
  const type = 'application/vnd.mica.key-release-request+json'
  const { status, json } = await post(`/key-release/v1/${location}`, type, JSON.stringify(body))
  if (status !== 200) return { status, findings: json.findings }
  return { status, opened: await key.open(json, nonce) }
}

async function digestOf(file: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', readFileSync(file))))
}

describe('a call that cannot be served', () => {
  const refused = async (...argv: string[]) => {
    const { code, err } = await mica(['serve', ...argv])
    expect(code).toBe(2)
    return err
  }

  test('says what to change', async () => {
    const weak = scratch.write('weak', 'short\n')
    const key = scratch.write('key.json', '{"kty":"EC","crv":"P-521"}')
    const trusting = ['--trust', 'simulated']
    expect(await refused()).toContain('nobody is to be believed')
    expect(await refused('file.mica')).toContain('no arguments expected')
    expect(await refused(...trusting, '--listen', '8080')).toContain('no HOST:PORT')
    expect(await refused(...trusting, '--listen', 'localhost:70000')).toContain('no HOST:PORT')
    expect(await refused(...trusting, '--store', 'sqlite')).toContain('there is no such --store')
    expect(await refused(...trusting, '--store', 'postgres://h/d')).toContain('--signing-key and --store-key')
    expect(await refused(...trusting, '--token-file', weak)).toContain('at least 16 characters')
    expect(await refused(...trusting, '--signing-key', key)).toContain('P-256 or P-384')
    expect(await refused(...trusting, '--store-key', weak)).toContain('64 hexadecimal digits')
    expect(await refused(...trusting, '--expectations', key)).toContain('there is no member `kty`')
    expect(await refused(...trusting, '--max-sessions', '0')).toContain('no number from 1')
    expect(await refused(...trusting, '--log-level', 'inform')).toContain('did you mean info?')
  })

  test(
    'names a port that is in use, and a folder that another process has',
    async () => {
      const other = createServer()
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
      const { port } = other.address() as { port: number }
      expect(await refused('--trust', 'simulated', '--listen', `127.0.0.1:${port}`)).toContain('is in use')
      other.close()
      writeFileSync(scratch.path('file'), '')
      expect(await refused('--trust', 'simulated', '--store', `embedded:${scratch.path('file')}`)).toContain('cannot')
      expect(
        await refused('--trust', 'simulated', '--store', `embedded:${folder}`, '--listen', '127.0.0.1:0'),
      ).toContain('another process uses')
    },
    PATIENCE_MS,
  )
})
