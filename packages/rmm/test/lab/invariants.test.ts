import { PAS } from '@mica/hw-sim'
import { expect, test } from 'vitest'
import { brokenInvariants } from '../../lab/invariants.ts'
import { GRANULE_STATE } from '../../src/granule/state.ts'
import { ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'

const granuleOf = (address: number) => (address - 0x8000_0000) / 4096

type Harm = (host: ScriptedHost, realm: ScriptedRealm) => void

/** What a mistake in the monitor could do, and what is said of it. */
const HARMS: readonly (readonly [name: string, harm: Harm, said: RegExp])[] = [
  [
    'a granule that nobody uses',
    (host) => host.rmm.monitor.granules.move(granuleOf(host.delegated()), GRANULE_STATE.data),
    /is data, and lost/,
  ],
  [
    'memory that is in a table and was given back',
    ({ rmm }, { ram }) => rmm.monitor.granules.move(granuleOf(ram[3]!), GRANULE_STATE.delegated),
    /is delegated, and used as data/,
  ],
  [
    'a reference too many',
    ({ rmm }, { rd }) => rmm.monitor.granules.addReference(granuleOf(rd)),
    /is rd, with 2 references for 1/,
  ],
  [
    'memory of a Realm in the Non-secure world',
    ({ machine }, { ram }) => machine.memory.setPas(granuleOf(ram[0]!), PAS.nonSecure),
    /wrong physical address space/,
  ],
  [
    'content in a delegated granule',
    (host) => host.machine.memory.granuleBytes(granuleOf(host.delegated())).fill(1),
    /is delegated, not zero/,
  ],
  ['a lost VMID', ({ rmm }) => rmm.monitor.vmids.clear(), /a VMID is lost/],
  [
    'a REC that still runs',
    ({ rmm }) =>
      rmm.monitor.recs.forEach((rec) => {
        rec.running = true
      }),
    /runs between commands/,
  ],
]

test('of a sound machine there is nothing to say', () => {
  const host = new ScriptedHost()
  host.createRealm().enter()
  expect(brokenInvariants(host)).toEqual([])
})

test.each(HARMS)('%s is noticed', (_, harm, said) => {
  const host = new ScriptedHost()
  const realm = host.createRealm()
  harm(host, realm)
  expect(brokenInvariants(host).join('\n')).toMatch(said)
})
