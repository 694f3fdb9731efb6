import { expect, test } from 'vitest'
import {
  encodeRmiRecParams,
  REC_AUX_COUNT,
  RMI_ERROR_REALM,
  RMI_FEATURES,
  RMI_REC_CREATE,
  RMI_REC_DESTROY,
} from '../../src/abi/index.ts'
import { mpidrOf } from '../../src/rec/rec.ts'
import { ScriptedHost } from '../scripted-host.ts'

const MAX_RECS = 1023

test('a Realm has at most 1,023 RECs at a time, as the feature register says; their MPIDRs go on', () => {
  const host = new ScriptedHost({ mica: false, dramSize: 0x600_0000 })
  const { rd } = host.createRealm({ activate: false, recs: [] })
  const page = host.page()
  const create = (index: number): { rec: number; status: readonly [number, number] } => {
    const aux = Array.from({ length: REC_AUX_COUNT }, () => BigInt(host.delegated()))
    host.write(page, encodeRmiRecParams({ mpidr: BigInt(mpidrOf(index)), num_aux: BigInt(aux.length), aux }))
    const rec = host.delegated()
    return { rec, status: host.status(RMI_REC_CREATE, rd, rec, page) }
  }
  const recs = Array.from({ length: MAX_RECS }, (_, index) => create(index))
  expect(recs.every(({ status }) => status[0] === 0)).toBe(true)
  expect(2 ** Number((host.smc(RMI_FEATURES, 0)[1]! >> 38n) & 0xfn) - 1).toBe(MAX_RECS)
  expect(create(MAX_RECS).status).toEqual([RMI_ERROR_REALM, 0])

  host.demand(RMI_REC_DESTROY, recs[5]!.rec)
  expect(create(MAX_RECS).status).toEqual([0, 0])
})
