import { encodeBlob, type Memory, type Policy, RIGHT } from '@mica/policy'
import { packImage, rimOf } from '@mica/realm-sdk/build'
import { expect, test } from 'vitest'
import { resultOf } from '../src/backends/simulator/attacks/attack.ts'
import { ATTACKS } from '../src/backends/simulator/attacks/attacks.ts'
import { AttackStage } from '../src/backends/simulator/attacks/stage.ts'
import { type AttackResult, type GroupToLaunch, simulator } from '../src/index.ts'

const options = { seed: new Uint8Array(32).fill(7) }
const images = ['left', 'right'].map((name) => packImage(`(() => { pe.wfi() }) // ${name}`))

/** Two Realms and a one-way channel between them; `change` may spoil what the policies say. */
function group(change: (policy: Policy) => Policy = (policy) => policy): GroupToLaunch {
  const link: Memory = {
    name: 'link',
    kind: 'protected',
    granules: 2,
    mappings: [
      { peer: 0, rights: RIGHT.write, ipaGranule: 0x200 },
      { peer: 1, rights: RIGHT.read, ipaGranule: 0x200 },
    ],
    paced: false,
  }
  const peers = images.map((image, index) => {
    return { name: ['left', 'right'][index]!, gateway: false, strict: true, rims: [rimOf(image)] }
  })
  const realms = images.map((image, self) => {
    const policy = change({ self, peers, memories: [link], transitions: [] })
    return { peer: peers[self]!.name, image, blob: encodeBlob(policy) }
  })
  return { realms, memories: [link] }
}

async function attack(on: GroupToLaunch): Promise<ReadonlyMap<string, AttackResult>> {
  const results = new Map<string, AttackResult>()
  for await (const result of simulator.attack!(on, options)) results.set(result.name, result)
  return results
}

test('a group of sound policies works, and stops every attack in every place, saying what stopped it', async () => {
  const results = await attack(group())
  expect([...results.keys()]).toEqual(['control', ...ATTACKS.map(({ name }) => name)])
  const { outcome, by } = results.get('control')!
  expect({ outcome, by }).toEqual({ outcome: 'works', by: ['all are accepted, and what is written is read'] })
  for (const { name } of ATTACKS) {
    const result = results.get(name)!
    expect(result, name).toMatchObject({ outcome: 'stopped' })
    expect(result.by.length).toBeGreaterThan(0)
  }
  expect(results.get('stranger')!.by).toEqual(['rule peer-not-admitted at step 6 of the upload'])
  expect(results.get('beyond-rights')!.by).toContain('stage 2: permission fault on a write')
  expect(results.get('against-the-arrow')).toMatchObject({
    tries: 3,
    by: ['RSI_MICA_NOTIFY answered RSI_ERROR_INPUT', 'RSI_MICA_CREDIT answered RSI_ERROR_INPUT'],
  })
  expect(results.get('foreign-revocation')).toMatchObject({
    tries: 2,
    by: ['RSI_MICA_REVOKE answered RSI_ERROR_INPUT'],
  })
})

test('what a policy makes its Realm an owner of is its to revoke: there is nothing to try', async () => {
  const owned = group((policy) => ({
    ...policy,
    memories: policy.memories.map((memory) => ({
      ...memory,
      mappings: memory.mappings.map((mapping) => ({ ...mapping, rights: mapping.rights | RIGHT.owner })),
    })),
  }))
  expect((await attack(owned)).get('foreign-revocation')).toMatchObject({ outcome: 'not-applicable', tries: 0 })
})

test.each(['stranger', 'replica', 'late-window', 'late-mapping', 'host-call', 'measured-secret', 'second-policy'])(
  'control: the attack %s gets through where no policy is in force',
  async (name) => {
    const found = ATTACKS.find((one) => one.name === name)!
    const stage = await AttackStage.open(group(), options)
    try {
      expect(resultOf(found, found.run(stage))).toMatchObject({ outcome: 'succeeded' })
    } finally {
      await stage.close()
    }
  },
)

test('rights that two policies give are no attack: with more of them there is less to try', async () => {
  const all = RIGHT.read | RIGHT.write | RIGHT.execute
  const wide = group((policy) => ({
    ...policy,
    memories: policy.memories.map((memory) => ({
      ...memory,
      mappings: memory.mappings.map((mapping) => ({ ...mapping, rights: all })),
    })),
  }))
  expect((await attack(wide)).get('beyond-rights')).toMatchObject({ outcome: 'not-applicable', tries: 0 })
})

test('a group that does not come up is said to be broken, by the rule', async () => {
  const torn = group((policy) => (policy.self === 0 ? policy : { ...policy, peers: [...policy.peers].reverse() }))
  const [control] = (await attack(torn)).values()
  expect(control).toMatchObject({ outcome: 'broken', by: [expect.stringContaining('right: rule ')] })
})

test('the same seed gives the same results', async () => {
  expect(await attack(group())).toEqual(await attack(group()))
})
