import { physicalAddressOf } from '@mica/hw-sim'
import { expect, test } from 'vitest'
import {
  encodeRsiHostCall,
  PSCI_DENIED,
  PSCI_SYSTEM_OFF,
  PSCI_VERSION,
  RMI_DATA_DESTROY,
  RMI_EXIT_IRQ,
  type RmiRecExit,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_ERROR_STATE,
  RSI_HOST_CALL,
  RSI_IPA_STATE_SET,
  RSI_MEASUREMENT_EXTEND,
  RSI_SUCCESS,
  RSI_VERSION,
} from '../../src/abi/index.ts'
import { type Job, PAGE, RAM, type ScriptedRealm } from '../scripted-host.ts'
import { SECRET, stage, upload } from './arena.ts'

// A Realm whose policy lists nothing tries every way to the host that there is, with its secret in every register.

/** A page of its memory that the host has taken away. */
const GONE = RAM + 8 * PAGE
const LOADED: readonly bigint[] = Array.from({ length: 16 }, () => SECRET)

function confined(): ScriptedRealm {
  const { host, realms } = stage(1)
  const [realm] = realms
  expect(upload(realm!, { self: 'me', peers: { me: { rim: realm!.rim } } })).toBe('accepted')
  host.demand(RMI_DATA_DESTROY, realm!.rd, GONE)
  return realm!
}

const WAYS: readonly (readonly [name: string, way: Job<unknown>, answer: bigint | undefined])[] = [
  [
    'a host call',
    function* (cpu) {
      yield* cpu.store(RAM, encodeRsiHostCall({ imm: 7, gprs: [...LOADED] }))
      return (yield* cpu.smc([RSI_HOST_CALL, BigInt(RAM), ...LOADED]))[0]
    },
    RSI_ERROR_STATE,
  ],
  [
    'a change of RIPAS',
    (cpu) => first(cpu.smc([RSI_IPA_STATE_SET, BigInt(RAM), BigInt(RAM + PAGE), 0n])),
    RSI_ERROR_STATE,
  ],
  ['a CPU turned on', (cpu) => first(cpu.smc([0xc400_0003n, SECRET, SECRET, SECRET])), PSCI_DENIED],
  ['a question about a CPU', (cpu) => first(cpu.smc([0xc400_0004n, SECRET])), PSCI_DENIED],
  ['a measurement', (cpu) => first(cpu.smc([RSI_MEASUREMENT_EXTEND, 1n, 8n, SECRET])), RSI_ERROR_STATE],
  ['an unknown call', (cpu) => first(cpu.smc([0xc600_1234n, ...LOADED])), 0xffff_ffff_ffff_ffffn],
  ['a load where nothing is', (cpu) => cpu.load(GONE + Number(SECRET % 512n) * 8, 8), undefined],
  ['a store where nothing is', (cpu) => cpu.store64(GONE, SECRET), undefined],
  ['a fetch where nothing is', (cpu) => cpu.fetch(GONE, 8), undefined],
  ['a wait for an interrupt', (cpu) => cpu.wfi(), undefined],
]

function* first(call: ReturnType<Parameters<Job<unknown>>[0]['smc']>) {
  return (yield* call)[0]
}

/** Whether an exit says nothing but that there was one. */
function isScrubbed({ exit_reason, gicv3_lrs, gprs, ...fields }: RmiRecExit): boolean {
  return (
    exit_reason === RMI_EXIT_IRQ && [...gprs, ...Object.values(fields)].every((value) => BigInt(value as bigint) === 0n)
  )
}

test.each(WAYS)('%s carries nothing to the host', (_, way, answer) => {
  const realm = confined()
  const { value, exits } = realm.perform(way)
  if (answer !== undefined) expect(value).toBe(answer)
  expect(exits.every(isScrubbed)).toBe(true)
  const { memory } = realm.host.machine
  const page = Buffer.from(memory.read('non-secure', physicalAddressOf(realm.run), PAGE)!)
  expect(page.includes(Buffer.from(BigUint64Array.of(SECRET).buffer))).toBe(false)
})

test('turning itself off cannot be blocked, and shows no register', () => {
  const realm = confined()
  const exit = realm.begin((cpu) => cpu.smc([PSCI_SYSTEM_OFF, ...LOADED]))
  expect(typeof exit !== 'number' && isScrubbed(exit)).toBe(true)
})

test('what is blocked is blocked by function: calls that tell nobody anything work as before', () => {
  const realm = confined()
  expect(realm.call(RSI_VERSION, 0x1_0000)[0]).toBe(RSI_SUCCESS)
  expect(realm.call(PSCI_VERSION)[0]).toBe(0x1_0001n)
  expect(realm.call(RSI_ATTESTATION_TOKEN_INIT)[0]).toBe(RSI_SUCCESS)
})

test('control: without a policy the same host call shows the secret', () => {
  const { realms } = stage(1)
  const { exits } = realms[0]!.perform(WAYS[0]![1])
  expect(exits[0]!.gprs).toContain(SECRET)
})
