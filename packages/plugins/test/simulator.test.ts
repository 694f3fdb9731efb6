import type { MachineEvent } from '@mica/hw-sim'
import { packImage, rimOf } from '@mica/realm-sdk/build'
import { afterEach, describe, expect, test } from 'vitest'
import { bootSimulator, type Device, type SimulatedPlatform } from '../src/index.ts'

const platforms: SimulatedPlatform[] = []

afterEach(async () => {
  for (const platform of platforms.splice(0)) await platform.stop()
})

async function boot(seed = 1, events: MachineEvent[] = []): Promise<SimulatedPlatform> {
  const platform = await bootSimulator({ seed: new Uint8Array(32).fill(seed), onEvent: (event) => events.push(event) })
  platforms.push(platform)
  return platform
}

const blob = new Uint8Array(0)
/** A Realm without boot code: waits for ever. */
const waiting = packImage('(() => { pe.wfi() })')
/** Writes a line into unprotected memory, then waits for ever. */
const talking = packImage(`
  pe.store(${2 ** 38}, new TextEncoder().encode('said in the open'));
  (() => { pe.wfi() })`)
const ending = packImage('(() => { pe.smc([0x84000008n]) })')

const nobody: Device = { poll: async () => 'idle' }
const nic = {
  name: 'nic',
  kind: 'unprotected',
  granules: 1,
  paced: false,
  mappings: [{ peer: 0, rights: 3, ipaGranule: 0 }],
} as const

describe('a group on the simulated machine', () => {
  test('has the measurements that its images were given before there was a machine', async () => {
    const platform = await boot()
    const deployment = await platform.launch({
      realms: [
        { peer: 'one', image: waiting, blob },
        { peer: 'two', image: ending, blob },
      ],
      memories: [],
    })
    expect(deployment.realms.map(({ rim }) => rim)).toEqual([rimOf(waiting), rimOf(ending)])
  })

  test('that only waits is reported as stalled', async () => {
    const platform = await boot()
    const deployment = await platform.launch({ realms: [{ peer: 'one', image: waiting, blob }], memories: [] })
    expect(await deployment.run(nobody)).toBe('stalled')
  })

  test('whose Realms are all off is reported as such', async () => {
    const platform = await boot()
    const deployment = await platform.launch({ realms: [{ peer: 'one', image: ending, blob }], memories: [] })
    expect(await deployment.run(nobody)).toBe('realms-off')
  })

  test('shows the host what is in unprotected memory, and keeps it in the host view', async () => {
    const platform = await boot()
    const deployment = await platform.launch({ realms: [{ peer: 'one', image: talking, blob }], memories: [nic] })
    const device: Device = {
      poll: async () => (text(deployment.hostMemory('nic').load(0, 16)) === '' ? 'idle' : 'done'),
    }
    expect(await deployment.run(device)).toBe('device-done')
    expect(deployment.hostView.seen.map((page) => text(page.subarray(0, 16)))).toContain('said in the open')
    expect(() => deployment.hostMemory('raw')).toThrow(/no unprotected memory raw/)
  })

  test('runs the same course again from the same seed', async () => {
    const course = async (): Promise<string> => {
      const events: MachineEvent[] = []
      const platform = await boot(3, events)
      const realms = [1, 2, 3].map((n) => ({ peer: `${n}`, image: waiting, blob }))
      const deployment = await platform.launch({ realms, memories: [] })
      await deployment.run(nobody)
      return JSON.stringify(events)
    }
    expect(await course()).toBe(await course())
  })
})

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0) < 0 ? bytes.length : bytes.indexOf(0)))
}
