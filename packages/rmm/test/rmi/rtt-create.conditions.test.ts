import { describe } from 'vitest'
import { RMI_RTT_CREATE, RMI_RTT_MAP_UNPROTECTED } from '../../src/abi/index.ts'
import { ScriptedHost, UNPROTECTED } from '../scripted-host.ts'
import { testConditions, type World } from './conditions.ts'

function world(): World {
  const host = new ScriptedHost({ mica: false })
  const realm = host.createRealm()
  return { host, args: [realm.rd, host.delegated(), 0x40_0000, 3] }
}

describe('RMI_RTT_CREATE', () => {
  testConditions(RMI_RTT_CREATE, world, [
    { name: 'table not delegated', x: { 2: 0x8000_0000 }, expect: [1, 0] },
    { name: 'no Realm at rd', x: { 1: 0x8000_0000 }, expect: [1, 0] },
    { name: 'start level', x: { 4: 1 }, expect: [1, 0] },
    { name: 'level beyond the last', x: { 4: 4 }, expect: [1, 0] },
    { name: 'level of minus one', x: { 4: 2n ** 64n - 1n }, expect: [1, 0] },
    { name: 'address beyond the space', x: { 3: 2 ** 32 }, expect: [1, 0] },
    { name: 'address unaligned to the level above', x: { 3: 0x1000 }, expect: [1, 0] },
    { name: 'no table above', x: { 3: 0x4000_0000 }, expect: [4, 1] },
    { name: 'a table there', x: { 3: 0x20_0000 }, expect: [4, 2] },
  ])
})

describe('RMI_RTT_MAP_UNPROTECTED', () => {
  const good = (): World => {
    const host = new ScriptedHost({ mica: false })
    const realm = host.createRealm()
    return { host, args: [realm.rd, UNPROTECTED, 3, 0x8000_00d8] }
  }
  testConditions(RMI_RTT_MAP_UNPROTECTED, good, [
    { name: 'no Realm at rd', x: { 1: 0x8000_0000 }, expect: [1, 0] },
    { name: 'level without leaves', x: { 3: 0 }, expect: [1, 0] },
    { name: 'descriptor with other bits', x: { 4: 0x8000_00d9 }, expect: [1, 0] },
    { name: 'descriptor with reserved attributes', x: { 4: 0x8000_00d0 }, expect: [1, 0] },
    { name: 'descriptor with bit 63', x: { 4: 0x8000_0000_8000_00d8n }, expect: [1, 0] },
    { name: 'address unaligned', x: { 2: UNPROTECTED + 8 }, expect: [1, 0] },
    { name: 'address protected', x: { 2: 0x20_0000 }, expect: [1, 0] },
    { name: 'no table', x: { 2: UNPROTECTED + 0x4000_0000 }, expect: [4, 1] },
  ])
})
