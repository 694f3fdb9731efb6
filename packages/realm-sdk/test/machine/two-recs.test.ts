import { GranulePool, NormalWorld, RealmBuilder, Scheduler } from '@mica/host'
import { Machine } from '@mica/hw-sim'
import { constructionOf, packImage } from '@mica/realm-sdk/build'
import { Rmm } from '@mica/rmm'
import { expect, test } from 'vitest'
import { IMAGE_BASE, SCRATCH_BASE } from '../../src/runtime/memory-map.ts'

/**
 * One image for two RECs, which tell each other apart by MPIDR: the first turns the second on, twice; the second counts
 * and turns itself off; when the count is there the first turns the system off.
 */
const IMAGE = `
  const count = ${SCRATCH_BASE}
  const isFirst = (pe.mrs('MPIDR_EL1') & 0xffn) === 0n
  const turnOn = () => pe.smc([0xc4000003n, 1n, ${IMAGE_BASE}n, 0n])[0]
  if (isFirst) turnOn()
  else {
    pe.store64(count, pe.load64(count) + 1n)
    pe.smc([0x84000002n])
  }
  ;() => {
    if (turnOn() !== 0n || pe.load64(count) < 2n) pe.wfi()
    if (pe.load64(count) >= 2n) pe.smc([0x84000008n])
  }
`

test('the second REC of an image starts, ends and starts over as its Realm wants, each time from the image', async () => {
  const counts: unknown[] = []
  const machine = new Machine({ seed: new Uint8Array(32) })
  try {
    new Rmm(machine)
    const world = new NormalWorld(machine)
    const steps = [...constructionOf(packImage(IMAGE)), { op: 'rec-create', params: { mpidr: 1n } } as const]
    const builder = new RealmBuilder(world, new GranulePool(world.dram))
    const realm = builder.build({ steps, policyGranules: 0, shared: [], unprotected: [] })
    const scheduler = new Scheduler(world, realm.recs, 1)
    const { granule } = realm.data.find(({ ipa }) => ipa === SCRATCH_BASE)!
    for (let round = 0; round < 60 && scheduler.runnable; round++) {
      scheduler.round()
      counts.push(machine.memory.read('realm', granule, 1)?.[0])
    }
    expect(scheduler.runnable).toBe(false)
    expect(counts.at(-1)).toBe(2)
    expect(counts).toContain(1)
  } finally {
    await machine.stop()
  }
})
