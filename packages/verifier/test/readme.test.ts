import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as verifier from '../src/index.ts'
import { attester, COMPONENTS, CONFIG, IMPLEMENTATION, INSTANCE, publicJwk } from './attester.ts'
import { config, corim, map, PLATFORM_PROFILE, REALM_PROFILE, SIGNER_PEM, signedCorim, tag } from './corim/corims.ts'
import { whole, wholeOptions } from './disclosure/disclosures.ts'
import { ASSERTIONS, challenge, evidenceOf, groupBytes, membersOf, options, RIMS } from './group/pipeline.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const [groupExample, browserExample, disclosureExample, endorsementExample] = [
  ...readFileSync(new URL('../README.md', import.meta.url), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g),
].map(([, code]) => code!.replace(/^import (\{.*\}) from .*$/m, 'const $1 = verifier'))

test('the example of the README does what it says', () => {
  const [anchor] = options.trustAnchors
  const given = {
    verifier,
    evidence: evidenceOf(groupBytes(membersOf())),
    challenge,
    assertions: ASSERTIONS,
    anchorsJson: JSON.stringify([
      {
        'implementation-id': hex(anchor!.implementationId),
        'instance-id': hex(anchor!.instanceId),
        pkey: anchor!.key,
        name: 'mine',
      },
    ]),
    valuesJson: JSON.stringify({
      platform: [
        {
          'implementation-id': hex(anchor!.implementationId),
          'platform-configuration': hex(CONFIG),
          'sw-components': COMPONENTS.map(({ type, measurement, signerId }) => ({
            'component-type': type,
            'measurement-value': hex(measurement),
            'signer-id': hex(signerId),
            ...(type === 'RMM' ? { enforces: [verifier.GROUP_PROFILE] } : {}),
          })),
        },
      ],
    }),
    lockJson: JSON.stringify({
      workflow: 'video_moderation',
      peers: Object.fromEntries(Object.entries(RIMS).map(([name, rim]) => [name, { rim: `sha256:${hex(rim)}` }])),
    }),
  }
  const printed: string[] = []
  const console = { log: (text: string) => printed.push(text) }
  new Function(...Object.keys(given), 'console', groupExample!)(...Object.values(given), console)
  expect(printed[0]).toMatch(/^accepted {3}vouched for by `mine`/)
})

test('the example of the README for showing some members does what it says', () => {
  const given = {
    verifier,
    report: whole,
    trustAnchors: options.trustAnchors,
    endorsements: wholeOptions.endorsements,
    challenge,
    rims: [RIMS['encoder'], RIMS['moderator']],
  }
  const printed: string[] = []
  const console = { log: (text: string) => printed.push(text) }
  new Function(...Object.keys(given), 'console', disclosureExample!)(...Object.values(given), console)
  expect(printed[0]).toMatch(/^accepted {3}vouched for by `test`/)
  expect(printed[0]).toContain('1 not shown')
})

test('the example of the README for browsers does what it says', async () => {
  const given = { verifier, evidence: evidenceOf(groupBytes(membersOf())), options }
  const printed: string[] = []
  const console = { log: (text: string) => printed.push(text) }
  const code = `return (async () => {${browserExample!}})()`
  await new Function(...Object.keys(given), 'console', code)(...Object.values(given), console)
  expect(printed[0]).toMatch(/^accepted/)
})

test('the example of the README for endorsements and results does what it says', async () => {
  const machine = attester()
  const challenge = new Uint8Array(64).fill(5)
  const environment = map([0, map([0, tag(560, IMPLEMENTATION)])])
  const components = COMPONENTS.map(({ type, measurement, signerId }) =>
    map([0, 'cca.software-component'], [1, map([2, [[1, measurement]]], [11, type], [13, [tag(560, signerId)]])]),
  )
  const key = tag(560, new TextEncoder().encode(JSON.stringify(machine.trustAnchor.key)))
  const instance = map([0, map([0, tag(560, IMPLEMENTATION)])], [1, tag(550, INSTANCE)])
  const platform = map([0, [[environment, [...components, config(tag(560, CONFIG))]]]], [3, [[instance, [key]]]])
  const rim = new Uint8Array(32).fill(0x11)
  const register = map([0, 'cca.rim'], [1, map([2, [[1, rim]]])])
  const realm = map([0, [[map([0, map([0, tag(560, rim)])]), [register]]]])
  const verifierKey = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
  const given = {
    verifier,
    endorserPem: SIGNER_PEM,
    platformCorim: signedCorim(corim(PLATFORM_PROFILE, platform)),
    realmCorim: signedCorim(corim(REALM_PROFILE, realm)),
    token: machine.token(machine.platformClaims(), machine.realmClaims(challenge)),
    challenge,
    verifierKey: verifierKey.export({ format: 'jwk' }),
  }
  const printed: unknown[][] = []
  const console = { log: (...words: unknown[]) => printed.push(words) }
  const code = `return (async () => {${endorsementExample!}\nreturn jwt })()`
  const jwt = await new Function(...Object.keys(given), 'console', code)(...Object.values(given), console)
  expect(printed).toEqual([
    ['CCA_SSD_PLATFORM', 'affirming', 2],
    ['CCA_REALM', 'affirming', 3],
  ])
  expect(await verifier.verifyEar(jwt, publicJwk(verifierKey), { nonce: challenge })).toMatchObject({ kind: 'ear' })
})
