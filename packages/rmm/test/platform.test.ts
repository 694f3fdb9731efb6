import { DEFAULT_IDENTIFICATION, type IdentificationRegisters } from '@mica/hw-sim'
import { describe, expect, test } from 'vitest'
import { BareHost } from '../lab/bare-host.ts'
import { encodeRmiRealmParams, RMI_FEATURES, RMI_REALM_CREATE, type RmiRealmParams } from '../src/abi/index.ts'
import { featureRegister0, platformOf } from '../src/platform.ts'
import { ScriptedHost } from './scripted-host.ts'

const platform = (registers: Partial<IdentificationRegisters>) =>
  platformOf({ ...DEFAULT_IDENTIFICATION, ...registers })

test.each<[string, Partial<IdentificationRegisters>, bigint]>([
  ['the usual one', {}, 0x283_fc10_4130n],
  ['52-bit addresses', { ID_AA64MMFR0_EL1: 0x1000_0006n }, 0x283_fc10_4134n],
  ['40-bit addresses and no LPA2', { ID_AA64MMFR0_EL1: 0x200_0000_0002n }, 0x283_fc10_4028n],
  [
    'SVE, more comparators, fewer counters, 16 list registers',
    {
      ID_AA64PFR0_EL1: 1n << 32n,
      ZCR_EL2: 3n,
      ID_AA64DFR0_EL1: 0x1000_0000_0040_6700n,
      ICH_VTR_EL2: 0x9400_000fn,
      PMCR_EL0: 0x3000n,
    },
    0x2bf_3441_8f30n,
  ],
])('a host reads of a platform with %s the feature register that was recorded there', (_, identification, features) => {
  const host = new ScriptedHost({ identification })
  expect(host.demand(RMI_FEATURES, 0)[1]).toBe(features)
  expect(host.demand(RMI_FEATURES, 1)[1]).toBe(0n)
})

describe('a platform is what its registers say', () => {
  test('52-bit addresses count only where both stages have them', () => {
    const stages = [0x1000_0005n, 0x300_1000_0005n, 0x200_1000_0005n, 0x300_0000_0005n, 0x300_f000_0005n]
    expect(stages.map((ID_AA64MMFR0_EL1) => platform({ ID_AA64MMFR0_EL1 }).lpa2)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })

  test('every address width of the architecture', () => {
    const widths = [0n, 1n, 2n, 3n, 4n, 5n, 6n].map((ID_AA64MMFR0_EL1) => platform({ ID_AA64MMFR0_EL1 }).ipaBits)
    expect(widths).toEqual([32, 36, 40, 42, 44, 48, 52])
  })

  test('sixteen comparators and more are counted in the second register', () => {
    const of = (dfr0: bigint, dfr1: bigint) => {
      const { breakpoints, watchpoints } = platform({ ID_AA64DFR0_EL1: dfr0, ID_AA64DFR1_EL1: dfr1 })
      return [breakpoints, watchpoints]
    }
    expect(of(0xf0_f700n, 0n)).toEqual([15, 15])
    expect(of(0xf0_f700n, 0x1f_3f00n)).toEqual([63, 31])
    expect(of(0xe0_e700n, 0x1f_3f00n)).toEqual([14, 14])
  })

  test('performance monitors need a version that Realms can have', () => {
    const offered = [0n, 6n, 7n, 8n, 15n].map((version) => platform({ ID_AA64DFR0_EL1: version << 8n }))
    expect(offered.map(({ pmu }) => pmu)).toEqual([false, false, true, true, false])
    expect(offered.map(({ pmuCounters }) => pmuCounters)).toEqual([0, 0, 31, 31, 0])
    expect((featureRegister0(offered[0]!) / 2 ** 26) % 64 < 1).toBe(true)
  })

  test('the virtual interrupt interface', () => {
    const { listRegisters, priorityBits, intidBits } = platform({ ICH_VTR_EL2: (6n << 29n) | (1n << 23n) | 3n })
    expect({ listRegisters, priorityBits, intidBits }).toEqual({ listRegisters: 4, priorityBits: 7, intidBits: 24 })
  })
})

describe('a Realm is created only as its platform allows', () => {
  function create(identification: Partial<IdentificationRegisters>, members: Partial<RmiRealmParams>): bigint {
    const host = new ScriptedHost({ identification })
    const rd = host.delegated()
    const tables = Array.from({ length: members.rtt_num_start ?? 1 }, () => host.delegated())
    const params = {
      s2sz: 32,
      num_bps: 1,
      num_wps: 1,
      rtt_base: BigInt(tables[0]!),
      rtt_level_start: 1n,
      rtt_num_start: 1,
      ...members,
    }
    return host.smc(RMI_REALM_CREATE, rd, host.page(encodeRmiRealmParams(params)))[0]!
  }

  test('a VMID has 16 bits where the platform has', () => {
    expect(create({}, { vmid: 255 })).toBe(0n)
    expect(create({}, { vmid: 256 })).toBe(1n)
    expect(create({ ID_AA64MMFR1_EL1: 0x20n }, { vmid: 65535 })).toBe(0n)
  })

  test('performance monitors without a counter need FEAT_HPMN0', () => {
    expect(create({}, { flags: 4n, pmu_num_ctrs: 0 })).toBe(1n)
    expect(create({ ID_AA64DFR0_EL1: 0x1000_0000_0010_1700n }, { flags: 4n, pmu_num_ctrs: 0 })).toBe(0n)
    expect(create({ ID_AA64DFR0_EL1: 0x10_1000n }, { flags: 4n, pmu_num_ctrs: 0 })).toBe(1n)
  })

  test('walks start at level 0 only where physical addresses have 44 bits', () => {
    const members = { s2sz: 40, rtt_level_start: 0n }
    expect(create({ ID_AA64MMFR0_EL1: 3n }, members)).toBe(1n)
    expect(create({ ID_AA64MMFR0_EL1: 4n }, members)).toBe(0n)
  })

  test('memory beyond 48 bits is out of reach of narrow tables, and the Realm is not given it', () => {
    const base = 2 ** 48
    const host = new BareHost({
      machine: { dram: { base, size: 0x10_0000 }, identification: { ID_AA64MMFR0_EL1: 0x1000_0006n } },
    })
    const statusOf = (flags: bigint): bigint => {
      const params = {
        flags,
        s2sz: 32,
        num_bps: 1,
        num_wps: 1,
        vmid: 1,
        rtt_base: BigInt(host.delegated()),
        rtt_level_start: 1n,
        rtt_num_start: 1,
      }
      return host.smc(RMI_REALM_CREATE, host.delegated(), host.page(encodeRmiRealmParams(params)))[0]!
    }
    expect(statusOf(0n)).toBe(1n)
    expect(statusOf(1n)).toBe(0n)
  })

  test('wide tables need the flag, and the platform', () => {
    const wide = { ID_AA64MMFR0_EL1: 0x1000_0006n }
    const members = { s2sz: 52, rtt_level_start: -1n }
    expect(create(wide, { ...members, flags: 1n })).toBe(0n)
    expect(create(wide, members)).toBe(1n)
    expect(create({}, { ...members, flags: 1n })).toBe(1n)
    expect(create(wide, { s2sz: 52, rtt_level_start: 0n, rtt_num_start: 16, flags: 1n })).toBe(0n)
  })
})
