import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import {
  type ConstructionStep,
  decodeRmiRealmParams,
  encodeRmiRecParams,
  measureConstruction,
  REC_AUX_COUNT,
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_REALM_ACTIVATE,
  RMI_REALM_CREATE,
  RMI_REC_CREATE,
  RMI_RTT_CREATE,
  RMI_RTT_INIT_RIPAS,
  RSI_MEASUREMENT_EXTEND,
} from '../../src/abi/index.ts'
import { DEFAULT_PLATFORM } from '../../src/index.ts'
import { ScriptedHost } from '../scripted-host.ts'
import { contentOf, paramsPage, REM_VECTORS, RIM_VECTORS, type RimStep, type RimVector } from './rim-vectors.ts'

/** The platform that the vectors with registers of their own were recorded on. */
const RICH_PLATFORM = { ...DEFAULT_PLATFORM, sveVectorLength: 15, breakpoints: 15, watchpoints: 15 }

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe.each(RIM_VECTORS.map((vector) => [vector.name, vector] as const))('the recorded Realm %s', (_, vector) => {
  const rims = vector.steps.map(({ rim }) => rim)

  test('has the recorded RIM after each command', () => {
    expect(buildRealm(vector)).toEqual(rims)
  })

  test('has the recorded RIM by computation alone', () => {
    const hash = vector.hash_algo === 'sha-256' ? sha256 : sha512
    const steps: ConstructionStep[] = []
    const computed = vector.steps.map((step) => {
      const next = constructionStep(vector, step)
      if (next !== undefined) steps.push(next)
      return hex(measureConstruction(steps, hash))
    })
    expect(computed).toEqual(rims)
  })
})

test.each(REM_VECTORS.map(({ steps }, i) => [i, steps] as const))(
  'recorded REM extensions, run %i, come out as recorded',
  (_, steps) => {
    const realm = new ScriptedHost({ mica: false }).createRealm()
    for (const step of steps) {
      const words = step.x3_x10.map(BigInt)
      expect(realm.call(RSI_MEASUREMENT_EXTEND, step.index, step.size, ...words)[0]).toBe(BigInt(step.rsi_status))
      expect(realm.realm.rems.map(hex)).toEqual(step.measurements_after.slice(1))
    }
  },
)

function constructionStep(vector: RimVector, step: RimStep): ConstructionStep | undefined {
  switch (step.op) {
    case 'REALM_CREATE':
      return { op: 'realm-create', params: decodeRmiRealmParams(paramsPage(vector)) }
    case 'RTT_INIT_RIPAS':
      return { op: 'rtt-init-ripas', base: Number(step.base), top: Number(step.top_out), level: step.walk_level }
    case 'DATA_CREATE': {
      const content = contentOf(step.content)
      return { op: 'data-create', ipa: Number(step.ipa), content, measured: step.flags === 1 }
    }
    case 'DATA_CREATE_UNKNOWN':
      return { op: 'data-create-unknown', ipa: Number(step.ipa) }
    case 'REC_CREATE':
      return {
        op: 'rec-create',
        params: { flags: BigInt(step.flags), pc: BigInt(step.pc), gprs: step.gprs.map(BigInt) },
      }
    case 'REALM_ACTIVATE':
      return undefined
  }
}

/** Makes the commands of a vector, with tables as deep as each needs; the RIM after each. */
function buildRealm(vector: RimVector): string[] {
  const rich = Object.keys(vector.platform_cfg).length > 0
  const host = new ScriptedHost({ mica: false, platform: rich ? RICH_PLATFORM : DEFAULT_PLATFORM })
  const rd = host.delegated()
  const page = paramsPage(vector)
  const params = decodeRmiRealmParams(page)
  // The recorded tables lay elsewhere; where they are is not measured.
  const tables = Array.from({ length: params.rtt_num_start }, () => host.delegated())
  new DataView(page.buffer).setBigUint64(0x808, BigInt(tables[0]!), true)
  const withTables = (ipa: number, level: number): void => {
    for (let at = Number(params.rtt_level_start) + 1; at <= level; at++) {
      const size = 4096 * 512 ** (4 - at)
      host.smc(RMI_RTT_CREATE, rd, host.delegated(), ipa - (ipa % size), at)
    }
  }
  return vector.steps.map((step) => {
    switch (step.op) {
      case 'REALM_CREATE':
        host.demand(RMI_REALM_CREATE, rd, host.page(page))
        break
      case 'REALM_ACTIVATE':
        host.demand(RMI_REALM_ACTIVATE, rd)
        break
      case 'RTT_INIT_RIPAS':
        withTables(Number(step.base), step.walk_level)
        expect(host.demand(RMI_RTT_INIT_RIPAS, rd, BigInt(step.base), BigInt(step.top))[1]).toBe(BigInt(step.top_out))
        break
      case 'DATA_CREATE': {
        withTables(Number(step.ipa), 3)
        const source = host.page(contentOf(step.content))
        host.demand(RMI_DATA_CREATE, rd, host.delegated(), BigInt(step.ipa), source, step.flags)
        break
      }
      case 'DATA_CREATE_UNKNOWN':
        withTables(Number(step.ipa), 3)
        host.demand(RMI_DATA_CREATE_UNKNOWN, rd, host.delegated(), BigInt(step.ipa))
        break
      case 'REC_CREATE': {
        const aux = Array.from({ length: REC_AUX_COUNT }, () => BigInt(host.delegated()))
        const recParams = {
          flags: BigInt(step.flags),
          mpidr: BigInt(step.mpidr),
          pc: BigInt(step.pc),
          gprs: step.gprs.map(BigInt),
          num_aux: BigInt(REC_AUX_COUNT),
          aux,
        }
        host.demand(RMI_REC_CREATE, rd, host.delegated(), host.page(encodeRmiRecParams(recParams)))
        break
      }
    }
    return hex(host.rmm.monitor.realmAt(rd)!.rim)
  })
}
