import { idsOfName, MEASURE, MICA_RSI } from '@mica/policy'
import { expect, test } from 'vitest'
import * as abi from '../../src/abi/index.ts'

/** Identifiers of this package that policies speak of, by the name that the table of policies gives them. */
const MICA = [
  ['UPLOAD_POLICY', 'RSI_UPLOAD_POLICY'],
  ['ATTEST_TOKEN_INIT_GROUP', 'RSI_ATTEST_TOKEN_INIT_GROUP'],
  ['ATTEST_TOKEN_CONTINUE_GROUP', 'RSI_ATTEST_TOKEN_CONTINUE_GROUP'],
] as const

const numbers: ReadonlyMap<string, unknown> = new Map(Object.entries(abi))

test('every function of the extension that a Realm can call has the number that policies give it', () => {
  for (const [name, fid] of Object.entries(MICA_RSI)) {
    const own = MICA.find(([known]) => known === name)?.[1] ?? `RSI_MICA_${name}`
    // What this monitor does not offer yet has no number here, and so cannot have another.
    if (numbers.has(own)) expect([own, numbers.get(own)]).toEqual([own, BigInt(fid)])
  }
})

test('every function of the extension here is one that policies know', () => {
  const known = new Set(Object.values(MICA_RSI).map(BigInt))
  const own = [...numbers].filter(([name]) => name.startsWith('RSI_MICA_') || MICA.some(([, mica]) => mica === name))
  expect(own.length).toBeGreaterThanOrEqual(MICA.length + 1)
  expect(own.filter(([, fid]) => !known.has(fid as bigint))).toEqual([])
})

test.each([
  ['host_call', [abi.RSI_HOST_CALL]],
  ['ripas', [abi.RSI_IPA_STATE_SET]],
  ['psci_on', [abi.PSCI_CPU_ON_32, abi.PSCI_CPU_ON_64]],
  ['psci_affinity', [abi.PSCI_AFFINITY_INFO_32, abi.PSCI_AFFINITY_INFO_64]],
  ['psci_cpu_off', [abi.PSCI_CPU_OFF]],
  ['psci_suspend', [abi.PSCI_CPU_SUSPEND_32, abi.PSCI_CPU_SUSPEND_64]],
  ['psci_system_off', [abi.PSCI_SYSTEM_OFF]],
  ['psci_system_reset', [abi.PSCI_SYSTEM_RESET]],
  ['psci_info', [abi.PSCI_VERSION, abi.PSCI_FEATURES]],
  ['smccc', [abi.SMCCC_VERSION]],
  ['rsi_info', [abi.RSI_VERSION, abi.RSI_FEATURES, abi.RSI_MEASUREMENT_READ]],
  ['measure', [abi.RSI_MEASUREMENT_EXTEND]],
  ['attest', [abi.RSI_ATTESTATION_TOKEN_INIT, abi.RSI_ATTESTATION_TOKEN_CONTINUE]],
  ['realm_config', [abi.RSI_REALM_CONFIG]],
  ['ipa_state', [abi.RSI_IPA_STATE_GET]],
])('the word `%s` of policies means exactly the functions of the ABI', (word, fids) => {
  const ids = idsOfName('call', word)!.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => BigInt(first + i)),
  )
  expect(ids.sort()).toEqual([...fids].sort())
})

test('what policies call measuring is the function that extends measurements', () => {
  expect(BigInt(MEASURE)).toBe(abi.RSI_MEASUREMENT_EXTEND)
})
