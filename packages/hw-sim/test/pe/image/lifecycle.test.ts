import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Machine } from '../../../src/index.ts'
import { imageGuest, SEED, untilSmc } from '../../image-machine.ts'
import { enter, nameOf } from '../../monitor.ts'
import { BASE } from '../../realm-memory.ts'

/** Threads of this process that someone still holds. */
const workers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length

describe('threads of image guests', () => {
  test('that are prepared serve the guests that come, and are gone when the machine stops', async () => {
    const machine = new Machine({ seed: SEED, dram: { base: BASE, size: 0x100_0000 } })
    await machine.prepare(3)
    const guests = [1, 2, 3].map((n) => imageGuest(`pe.smc([${n}n]); () => pe.wfi()`, {}, machine).guest)
    expect(guests.map((guest) => untilSmc(guest)[0])).toEqual([1n, 2n, 3n])
    await machine.stop()
    expect(workers()).toBe(0)
    expect(guests.map((guest) => nameOf(enter(guest)))).toEqual(['wait', 'wait', 'wait'])
  })

  test('of a guest that is stopped while it computes are gone', async () => {
    const { machine, guest } = imageGuest('pe.smc([]); for (;;);')
    untilSmc(guest)
    guest.stop()
    expect(nameOf(enter(guest, { trapWaits: false }))).toBe('irq')
    await machine.stop()
    expect(workers()).toBe(0)
  })

  test('do not keep the process alive, stopped or not', () => {
    const program = `
      import { imageGuest, untilSmc } from ${JSON.stringify(new URL('../../image-machine.ts', import.meta.url).href)}
      const { guest, machine } = imageGuest('pe.smc([]); () => pe.wfi()')
      await machine.prepare(1)
      untilSmc(guest)
      guest.resume()
      console.log('done')`
    const cwd = fileURLToPath(new URL('../../..', import.meta.url))
    const result = spawnSync(
      process.execPath,
      ['--import', 'tsx', '-C', 'mica-source', '--input-type=module', '-e', program],
      { cwd, timeout: 20_000, encoding: 'utf8' },
    )
    expect([result.status, result.stdout, result.signal]).toEqual([0, 'done\n', null])
  })
})
