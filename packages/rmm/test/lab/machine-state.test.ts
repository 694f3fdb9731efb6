import { expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import { RMI_GRANULE_DELEGATE, RMI_RTT_READ_ENTRY } from '../../src/abi/index.ts'
import { RAM, ScriptedHost } from '../scripted-host.ts'

/** Changes that differ from everything else a machine is. */
const CHANGES: Readonly<Record<string, (host: ScriptedHost, realm: ReturnType<ScriptedHost['createRealm']>) => void>> =
  {
    'a byte of memory': (host) => host.machine.memory.bytes.fill(1, 0x9000, 0x9001),
    'the state of a granule': (host) => host.demand(RMI_GRANULE_DELEGATE, host.page()),
    'a reference': (host, { rd }) => host.rmm.monitor.granules.addReference((rd - host.machine.memory.base) / 4096),
    'the physical address space of a granule': (host) => host.machine.memory.setPas(4000, 1),
    'a measurement': (_, { realm }) => realm.rems[3]!.fill(1),
    'the state of a Realm': (_, { realm }) => {
      realm.state = 'system-off'
    },
    'a VMID': (host) => host.rmm.monitor.vmids.add(77),
    'a general register of a guest': (host) => {
      host.rmm.monitor.recs.values().next().value!.guest!.x[30] = 1n
    },
    'a system register of a guest': (host) => {
      host.rmm.monitor.recs.values().next().value!.guest!.system[7] = 1n
    },
    'a member of a REC that nobody has told the digest of': (host) => {
      Object.assign(host.rmm.monitor.recs.values().next().value!, { laterAddition: { deep: new Set([1n]) } })
    },
    'a member of a Realm that nobody has told the digest of': (_, { realm }) => {
      Object.assign(realm, { laterAddition: new Map([['x', [0]]]) })
    },
    'what the extension keeps': (host) => host.addSharedGranuleTable(),
  }

test.each(Object.entries(CHANGES))('the state of a machine tells of %s', (_, change) => {
  const host = new ScriptedHost()
  const realm = host.createRealm()
  realm.enter()
  const before = machineState(host)
  change(host, realm)
  expect(machineState(host)).not.toBe(before)
})

test('the state of a machine is the same after a call that only reads', () => {
  const host = new ScriptedHost()
  const { rd } = host.createRealm()
  const before = machineState(host)
  host.demand(RMI_RTT_READ_ENTRY, rd, RAM, 3)
  expect(machineState(host)).toBe(before)
})
