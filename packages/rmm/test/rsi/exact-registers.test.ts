import { expect, test } from 'vitest'
import * as abi from '../../src/abi/index.ts'
import { lookalikes } from '../lookalikes.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRec } from '../scripted-host.ts'

const CHALLENGE = Array.from({ length: 8 }, () => 0n)

/** A call of a Realm's that succeeds, and which of its registers have to be exact. */
interface GoodCall {
  readonly name: string
  readonly call: readonly bigint[]
  /** Registers x1 on of which every bit counts; all by default. */
  readonly exact?: readonly number[]
  readonly prepare?: (rec: ScriptedRec) => void
  /** What it answers instead of RSI_SUCCESS. */
  readonly answer?: bigint
}

const calls: readonly GoodCall[] = [
  { name: 'RSI_VERSION', call: [abi.RSI_VERSION, abi.ABI_VERSION] },
  { name: 'RSI_MEASUREMENT_READ', call: [abi.RSI_MEASUREMENT_READ, 1n] },
  { name: 'RSI_MEASUREMENT_EXTEND', call: [abi.RSI_MEASUREMENT_EXTEND, 1n, 64n] },
  { name: 'RSI_REALM_CONFIG', call: [abi.RSI_REALM_CONFIG, BigInt(RAM)] },
  { name: 'RSI_HOST_CALL', call: [abi.RSI_HOST_CALL, BigInt(RAM)] },
  { name: 'RSI_IPA_STATE_GET', call: [abi.RSI_IPA_STATE_GET, BigInt(RAM), BigInt(RAM + PAGE)] },
  {
    name: 'RSI_ATTESTATION_TOKEN_CONTINUE',
    call: [abi.RSI_ATTESTATION_TOKEN_CONTINUE, BigInt(RAM), 0n, BigInt(PAGE)],
    prepare: (rec) => rec.call(abi.RSI_ATTESTATION_TOKEN_INIT, ...CHALLENGE),
  },
  {
    name: 'RSI_IPA_STATE_SET',
    call: [abi.RSI_IPA_STATE_SET, BigInt(RAM), BigInt(RAM + PAGE), 1n],
    exact: [1, 2],
  },
  {
    name: 'PSCI AFFINITY_INFO',
    // Of an MPIDR only the affinity fields count.
    call: [abi.PSCI_AFFINITY_INFO_64, 0n, 0n],
    exact: [2],
    answer: abi.PSCI_AFFINITY_INFO_ON,
  },
]

test.each(calls.map((call) => [call.name, call] as const))(
  '%s takes no register for another one, whatever a double would make of it',
  (_, { call: [fid, ...args], exact = args.map((_, index) => index + 1), prepare, answer = abi.RSI_SUCCESS }) => {
    const rec = new ScriptedHost({ mica: false }).createRealm().recs[0]!
    prepare?.(rec)
    for (const register of exact) {
      for (const other of lookalikes(args[register - 1]!)) {
        const x = args.with(register - 1, other)
        expect(rec.call(fid!, ...x)[0], `x${register} is 0x${other.toString(16)}`).not.toBe(answer)
      }
    }
    expect(rec.call(fid!, ...args)[0]).toBe(answer)
  },
)

test('PSCI CPU_ON takes no address beyond the protected half for one in it', () => {
  const { recs } = new ScriptedHost({ mica: false }).createRealm({ recs: [{}, { runnable: false }] })
  for (const other of lookalikes(BigInt(RAM))) {
    expect(recs[0]!.call(abi.PSCI_CPU_ON_64, 1n, other, 0n)[0]).toBe(abi.PSCI_INVALID_ADDRESS)
  }
})

test('what CPU_ON hands over is the whole register', () => {
  const { recs } = new ScriptedHost({ mica: false }).createRealm({ recs: [{}, { runnable: false }] })
  const [first, second] = [recs[0]!, recs[1]!]
  const context = 0xfedc_ba98_7654_3211n
  first.begin((cpu) => cpu.smc([abi.PSCI_CPU_ON_64, 1n, BigInt(RAM), context]))
  first.host.demand(abi.RMI_PSCI_COMPLETE, first.address, second.address, 0)
  second.enter()
  const started = first.host.rmm.monitor.recAt(second.address)!
  expect([started.gprs[0], started.pc]).toEqual([context, BigInt(RAM)])
})
