import { PAS, physicalAddressOf } from '@mica/hw-sim'
import { describe } from 'vitest'
import { RMI_DATA_CREATE, RMI_DATA_CREATE_UNKNOWN, RMI_REALM_ACTIVATE } from '../../src/abi/index.ts'
import { RAM, ScriptedHost, UNPROTECTED } from '../scripted-host.ts'
import { testConditions, type World } from './conditions.ts'

const FREE = 0x20_0000
const NO_TABLE = 0x4000_0000

function world(): World & { readonly host: ScriptedHost } {
  const host = new ScriptedHost({ mica: false })
  const realm = host.createRealm({ activate: false })
  return { host, args: [realm.rd, host.delegated(), FREE, host.page(), 1] }
}

const refuseReads = ({ host, args }: World): void => {
  const { memory } = host.machine
  memory.setPas(memory.granuleIndex(physicalAddressOf(Number(args[3])))!, PAS.secure)
}

describe('RMI_DATA_CREATE', () => {
  testConditions(RMI_DATA_CREATE, world, [
    { name: 'unknown flags', x: { 5: 2 }, expect: [1, 0] },
    { name: 'source unaligned', x: { 4: 0x8000_0800 }, expect: [1, 0] },
    { name: 'source outside memory', x: { 4: 0xffff_ffff_ffff_f000n }, expect: [1, 0] },
    { name: 'data not delegated', x: { 2: 0x8000_0000 }, expect: [1, 0] },
    { name: 'no Realm at rd', x: { 1: 0x8000_0000 }, expect: [1, 0] },
    {
      name: 'Realm not new',
      arrange: ({ host, args }) => void host.demand(RMI_REALM_ACTIVATE, args[0]!),
      expect: [2, 0],
    },
    { name: 'address unaligned', x: { 3: FREE + 1 }, expect: [1, 0] },
    { name: 'address unprotected', x: { 3: UNPROTECTED }, expect: [1, 0] },
    { name: 'no table', x: { 3: NO_TABLE }, expect: [4, 1] },
    { name: 'something there', x: { 3: RAM }, expect: [4, 3] },
    { name: 'source not readable', arrange: refuseReads, expect: [1, 0] },
  ])
})

describe('RMI_DATA_CREATE_UNKNOWN', () => {
  testConditions(RMI_DATA_CREATE_UNKNOWN, world, [
    { name: 'data not delegated', x: { 2: 0x8000_0000 }, expect: [1, 0] },
    { name: 'no Realm at rd', x: { 1: 0 }, expect: [1, 0] },
    { name: 'address unaligned', x: { 3: FREE + 8 }, expect: [1, 0] },
    { name: 'address unprotected', x: { 3: UNPROTECTED }, expect: [1, 0] },
    { name: 'no table', x: { 3: NO_TABLE }, expect: [4, 1] },
    { name: 'something there', x: { 3: RAM }, expect: [4, 3] },
  ])
})
