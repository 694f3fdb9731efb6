import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as verifier from '../src/index.ts'
import { COMPONENTS, CONFIG } from './attester.ts'
import { ASSERTIONS, challenge, evidenceOf, groupBytes, membersOf, options, RIMS } from './group/pipeline.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('the example of the README does what it says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const example = /```ts\n([\s\S]*?)```/.exec(readme)![1]!.replace(/^import (\{.*\}) from .*$/m, 'const $1 = verifier')
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
  new Function(...Object.keys(given), 'console', example)(...Object.values(given), console)
  expect(printed[0]).toMatch(/^accepted {3}vouched for by `mine`/)
})
