import { PAS, physicalAddressOf } from '@mica/hw-sim'
import { describe, expect, test } from 'vitest'
import { encodeRmiRecEnter, PSCI_SYSTEM_OFF, RMI_REC_ENTER } from '../../src/abi/index.ts'
import { PAGE, ScriptedHost } from '../scripted-host.ts'
import { testConditions, type World } from './conditions.ts'

interface RecWorld extends World {
  readonly enter: (entry: Parameters<typeof encodeRmiRecEnter>[0]) => void
}

function world(activate = true): RecWorld {
  const host = new ScriptedHost({ mica: false })
  const realm = host.createRealm({ activate })
  return {
    host,
    args: [realm.rec, realm.run],
    enter: (entry) => {
      const page = new Uint8Array(PAGE)
      page.set(encodeRmiRecEnter(entry))
      host.machine.memory.write('non-secure', physicalAddressOf(realm.run), page)
    },
  }
}

const withEntry =
  (entry: Parameters<typeof encodeRmiRecEnter>[0]) =>
  (made: World): void => {
    const { memory } = made.host.machine
    const page = new Uint8Array(PAGE)
    page.set(encodeRmiRecEnter(entry))
    memory.write('non-secure', physicalAddressOf(Number(made.args[1])), page)
  }

const refuseReads = ({ host, args }: World): void => {
  const { memory } = host.machine
  memory.setPas(memory.granuleIndex(physicalAddressOf(Number(args[1])))!, PAS.secure)
}

describe('RMI_REC_ENTER of an active Realm', () => {
  testConditions(RMI_REC_ENTER, world, [
    { name: 'run page unaligned', x: { 2: 0x8000_0010 }, expect: [1, 0] },
    { name: 'no REC', x: { 1: 0x8000_0000 }, expect: [1, 0] },
    { name: 'run page not readable', arrange: refuseReads, expect: [1, 0] },
    { name: 'a hypervisor control bit that is not the host’s', arrange: withEntry({ gicv3_hcr: 1n }), expect: [3, 0] },
    {
      name: 'a list register for a hardware interrupt',
      arrange: withEntry({ gicv3_lrs: [(1n << 62n) | (1n << 61n)] }),
      expect: [3, 0],
    },
    { name: 'an answer to an abort that did not happen', arrange: withEntry({ flags: 2n }), expect: [3, 0] },
    { name: 'an emulation that was not asked for', arrange: withEntry({ flags: 1n }), expect: [3, 0] },
  ])
})

describe('RMI_REC_ENTER of a Realm that does not run', () => {
  test('a new Realm answers with index 0', () => {
    const { host, args } = world(false)
    expect(host.status(RMI_REC_ENTER, ...args)).toEqual([2, 0])
  })

  test('a Realm that turned itself off answers with index 1', () => {
    const host = new ScriptedHost({ mica: false })
    const realm = host.createRealm()
    realm.queue.push({ job: (cpu) => cpu.smc([PSCI_SYSTEM_OFF]), done: false })
    realm.enter()
    expect(host.status(RMI_REC_ENTER, realm.rec, realm.run)).toEqual([2, 1])
  })
})
