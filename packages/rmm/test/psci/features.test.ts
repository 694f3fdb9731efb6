import { expect, test } from 'vitest'
import {
  PSCI_FEATURES,
  PSCI_NOT_SUPPORTED,
  PSCI_VERSION,
  RSI_FEATURES,
  RSI_SUCCESS,
  SMCCC_VERSION,
} from '../../src/abi/index.ts'
import { ScriptedHost } from '../scripted-host.ts'

const SMC_UNKNOWN = 2n ** 64n - 1n

/** Function numbers of the standard service range that are PSCI's, in both calling conventions. */
const ALL = [0x8400_0000n, 0xc400_0000n].flatMap((base) => Array.from({ length: 0x20 }, (_, i) => base + BigInt(i)))
/** Those that PSCI_FEATURES has: all that are implemented but PSCI_VERSION. */
const SUPPORTED = [
  0x8400_0001n,
  0xc400_0001n,
  0x8400_0002n,
  0x8400_0003n,
  0xc400_0003n,
  0x8400_0004n,
  0xc400_0004n,
  0x8400_0008n,
  0x8400_0009n,
  0x8400_000an,
]

test('PSCI_FEATURES knows each function in the forms that it has, and SMCCC_VERSION', () => {
  const { recs } = new ScriptedHost({ mica: false }).createRealm()
  const answers = [...ALL, SMCCC_VERSION, 0x8000_0001n, 0xc400_0190n].map((fid) => [
    fid,
    recs[0]!.call(PSCI_FEATURES, fid)[0],
  ])
  const known = answers.filter(([, x0]) => x0 === 0n).map(([fid]) => fid)
  expect(new Set(known)).toEqual(new Set([...SUPPORTED, SMCCC_VERSION]))
  expect(answers.every(([, x0]) => x0 === 0n || x0 === PSCI_NOT_SUPPORTED)).toBe(true)
})

test('PSCI_FEATURES reads w1: the upper half of the register does not count', () => {
  const { recs } = new ScriptedHost({ mica: false }).createRealm()
  expect(recs[0]!.call(PSCI_FEATURES, 0xffff_ffff_8400_0002n)[0]).toBe(0n)
})

test('PSCI_VERSION is 1.1, and clears x1 to x3', () => {
  const { recs } = new ScriptedHost({ mica: false }).createRealm()
  expect(recs[0]!.call(PSCI_VERSION, 1, 2, 3, 4)).toEqual([0x1_0001n, 0n, 0n, 0n, 4n, 0n, 0n, 0n, 0n])
})

test('functions of PSCI that are not implemented are not supported; the host does not hear of them', () => {
  const { recs } = new ScriptedHost({ mica: false }).createRealm()
  for (const fid of ALL) {
    if (SUPPORTED.includes(fid) || fid === PSCI_VERSION) continue
    expect(recs[0]!.call(fid, 1, 2, 3)[0]).toBe(PSCI_NOT_SUPPORTED)
  }
})

test('of the calling convention only its version is answered', () => {
  const { recs } = new ScriptedHost({ mica: false }).createRealm()
  expect(recs[0]!.call(SMCCC_VERSION)[0]).toBe(0x1_0002n)
  expect(recs[0]!.call(0x8000_0001n, SMCCC_VERSION)[0]).toBe(SMC_UNKNOWN)
})

test('the hint that no SVE state is live is ignored of the monitor’s own calls, and makes one of PSCI unknown', () => {
  const { recs } = new ScriptedHost({ mica: false }).createRealm()
  const hinted = (fid: bigint): bigint => fid + 0x1_0000n
  expect(recs[0]!.call(hinted(SMCCC_VERSION))[0]).toBe(0x1_0002n)
  expect(recs[0]!.call(hinted(RSI_FEATURES))[0]).toBe(RSI_SUCCESS)
  for (const fid of ALL) expect(recs[0]!.call(hinted(fid))[0]).toBe(PSCI_NOT_SUPPORTED)
})
