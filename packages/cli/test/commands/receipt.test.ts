import { readFileSync, writeFileSync } from 'node:fs'
import { bootSimulator, type Device, type Progress } from '@mica/plugins'
import { ChannelEnd } from '@mica/realm-sdk'
import { declarationsOf } from '@mica/realm-sdk/build'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildGroup, loadWorkflow } from '../../src/index.ts'
import { mica } from '../support/call.ts'
import { flipByte, Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

const POLICY = `workflow estate {
  gateway peer lord image "lord.ts"
  peer tenant image "tenant.ts"
  memory board protected 4 KiB { lord: owner read write, tenant: read }
  channel done tenant -> lord 4 KiB
  channel nic lord <-> host 32 KiB
}`

const LORD = `import { defineRealm } from '@mica/realm-sdk'
import { lord } from './estate.mica.ts'

export default defineRealm(lord, async ({ channels, attestGroup, revoke }) => {
  const tenant = channels.done.receive()
  await tenant.next()
  await channels.nic.send(await attestGroup(new Uint8Array(64).fill(7)))
  await channels.nic.send(await revoke('board', new Uint8Array(64).fill(9)))
  await tenant.next()
})`

const TENANT = `import { defineRealm } from '@mica/realm-sdk'
import { tenant } from './estate.mica.ts'

export default defineRealm(tenant, async ({ channels }) => {
  await channels.done.send(new Uint8Array(1))
  const end = await channels.board.receive().next().then(() => 'read', ({ name }: Error) => name)
  if (end === 'SynchronousExternalAbort') await channels.done.send(new Uint8Array(1))
})`

const REPORT_CHALLENGE = '07'.repeat(64)
const CHALLENGE = '09'.repeat(64)
let report: string
let receipt: string
let policy: string

/** The host's end: keeps what the lord sends out. */
class Outlet implements Device {
  readonly messages: Uint8Array[] = []
  readonly #end: ChannelEnd

  constructor(end: ChannelEnd) {
    this.#end = end
  }

  async poll(): Promise<Progress> {
    const message = this.#end.tryReceive()
    if (message !== undefined) this.messages.push(message)
    return this.messages.length === 2 ? 'done' : 'idle'
  }
}

beforeAll(async () => {
  policy = scratch.write('estate.mica', POLICY)
  scratch.write('lord.ts', LORD)
  scratch.write('tenant.ts', TENANT)
  expect(await mica(['types', policy])).toMatchObject({ code: 0 })
  const loaded = loadWorkflow(policy)
  const group = await buildGroup({ ...loaded, workflow: loaded.workflow! })
  const lock = Object.fromEntries(
    group.peers.map(({ name, rim }) => [name, { rim: `sha256:${Buffer.from(rim).toString('hex')}` }]),
  )
  scratch.write('mica.lock.json', JSON.stringify({ workflow: 'estate', peers: lock }))
  const platform = await bootSimulator({ seed: new Uint8Array(32) })
  try {
    const deployment = await platform.launch({
      realms: group.peers.map(({ name, image, blob }) => ({ peer: name, image, blob })),
      memories: group.workflow.memories,
    })
    const nic = declarationsOf(group.workflow).find(({ peer }) => peer === 'lord')!.channels['nic']!
    const outlet = new Outlet(new ChannelEnd(deployment.hostMemory('nic'), nic, 'host'))
    await deployment.run(outlet)
    expect(outlet.messages).toHaveLength(2)
    report = scratch.write('report.cbor', outlet.messages[0]!)
    receipt = scratch.write('receipt.cbor', outlet.messages[1]!)
  } finally {
    await platform.stop()
  }
}, 60_000)

const options = ['--trust', 'simulated', '--challenge', CHALLENGE]
const context = () => [
  ...['--report', report, '--report-challenge', REPORT_CHALLENGE, '--workflow', policy],
  ...['--lock', scratch.path('mica.lock.json')],
]

describe('the receipt of a revocation by a Realm on the simulated machine', () => {
  test('says, beside a report, whose access has ended', async () => {
    const { code, out, err } = await mica(['verify', receipt, '--receipt', ...options, ...context()])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(
      /revoked {4}board, 1 granule, by lord\n\nmember {2}access\nlord {4}ended now\ntenant {2}ended now\n/,
    )
    const { out: json } = await mica(['verify', receipt, '--receipt', ...options, ...context(), '--json'])
    const { verdict, evidence } = JSON.parse(json)
    expect(verdict).toBe('accepted')
    expect(evidence[1].receipt.context.ended).toEqual([
      { member: 'lord', by: 'revocation' },
      { member: 'tenant', by: 'revocation' },
    ])
    expect(evidence[1].notes).toEqual([])
    expect(evidence.map(({ ear }: { ear: { eat_nonce: string } }) => ear.eat_nonce[0])).toEqual(['B', 'C'])
  })

  test('without a report is one, and says that nobody knows of which group', async () => {
    const { code, out } = await mica(['verify', receipt, '--receipt', ...options])
    expect(code).toBe(0)
    expect(out).toMatch(/note {7}MICA2074 no-report/)
  })

  test('stands in for nothing else: whoever expected a token or a report is told what it is', async () => {
    for (const expected of [[], ['--workflow', policy, '--lock', scratch.path('mica.lock.json')]]) {
      const { code, err, out } = await mica(['verify', receipt, ...options, ...expected])
      expect(code).toBe(1)
      expect(out).toMatch(/^rejected {3}MICA2008 profile/)
      expect(err).toMatch(/receipt\.cbor is the receipt of a revocation\n {2}help: --receipt says/)
    }
    expect(
      (await mica(['verify', report, '--receipt', '--trust', 'simulated', '--challenge', REPORT_CHALLENGE])).code,
    ).toBe(1)
  })

  test('is rejected beside a report that is not believed, of another challenge, or with a byte changed', async () => {
    const changed = scratch.path('changed.cbor')
    writeFileSync(changed, readFileSync(receipt))
    flipByte(changed, Math.floor(readFileSync(receipt).length / 2))
    const other = ['--trust', 'simulated', '--challenge', REPORT_CHALLENGE]
    const wrong = context().map((word) => (word === REPORT_CHALLENGE ? CHALLENGE : word))
    expect((await mica(['verify', changed, '--receipt', ...options, ...context()])).code).toBe(1)
    expect((await mica(['verify', receipt, '--receipt', ...other, ...context()])).code).toBe(1)
    expect((await mica(['verify', receipt, '--receipt', ...options, ...wrong])).code).toBe(1)
  })

  test('a report that nothing says how to judge is a mistake of the caller', async () => {
    const { code, err } = await mica(['verify', receipt, '--receipt', ...options, '--report', report])
    expect(code).toBe(2)
    expect(err).toContain('give --workflow and --report-challenge too')
  })
})
