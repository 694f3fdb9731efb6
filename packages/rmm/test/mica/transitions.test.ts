import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import {
  encodeRsiHostCall,
  PSCI_DENIED,
  PSCI_SYSTEM_OFF,
  PSCI_VERSION,
  RMI_EXIT_HOST_CALL,
  RMI_EXIT_IRQ,
  RMI_EXIT_PSCI,
  RMI_EXIT_SYNC,
  type RmiRecExit,
  RSI_ERROR_INPUT,
  RSI_ERROR_STATE,
  RSI_HOST_CALL,
  RSI_IPA_STATE_SET,
  RSI_REALM_CONFIG,
  RSI_SUCCESS,
  RSI_VERSION,
} from '../../src/abi/index.ts'
import { PAGE, RAM, type ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'
import { type Parts, Pipeline } from './pipeline.ts'

const HOST_CALL = Number(RSI_HOST_CALL)
const WFX = 0x01
const DATA_ABORT = 0x24
const PSCI_CPU_ON = 0xc400_0003n

/** Adds one line to the transitions of the encoder, in every view of it. */
const encoderMay =
  (kind: 'call' | 'exception', id: number, action: 'allow' | 'scrub') =>
  (parts: Parts): void => {
    parts.transitions.push({ peer: 1, class: kind, action, ranges: [[id, id]] })
  }

function encoderWith(change?: (parts: Parts) => void): ScriptedRealm {
  const pipeline = new Pipeline()
  for (const role of ['gate', 'encoder', 'moderator'] as const) {
    expect(pipeline.upload(role, change)).toEqual([0, 0])
  }
  return pipeline.realms.encoder
}

/** Makes a host call with a secret in its registers. */
function callHost(realm: ScriptedRealm, secret: bigint) {
  return realm.perform(
    function* (cpu) {
      yield* cpu.store(RAM, encodeRsiHostCall({ imm: 7, gprs: [secret, secret] }))
      const x = yield* cpu.smc([RSI_HOST_CALL, BigInt(RAM)])
      return { status: x[0], answer: yield* cpu.load64(RAM + 8) }
    },
    { gprs: [42n] },
  )
}

const isScrubbed = (exit: RmiRecExit): boolean =>
  exit.exit_reason === RMI_EXIT_IRQ &&
  exit.esr === 0n &&
  exit.far === 0n &&
  exit.hpfar === 0n &&
  exit.imm === 0 &&
  exit.gprs.every((register) => register === 0n)

test('without a policy a host call reaches the host, and its answer the Realm', () => {
  const { value, exits } = callHost(new Pipeline().realms.encoder, 5n)
  expect(exits[0]).toMatchObject({ exit_reason: RMI_EXIT_HOST_CALL, imm: 7, gprs: expect.arrayContaining([5n]) })
  expect(value).toEqual({ status: RSI_SUCCESS, answer: 42n })
})

test('a host call that no policy lists is blocked: the Realm is told, the host sees nothing', () => {
  const { value, exits } = callHost(encoderWith(), 5n)
  expect(value).toEqual({ status: RSI_ERROR_STATE, answer: 5n })
  expect(exits.every(isScrubbed)).toBe(true)
})

test('a host call that the policy allows is as without one', () => {
  const { value, exits } = callHost(encoderWith(encoderMay('call', HOST_CALL, 'allow')), 5n)
  expect(exits[0]!.exit_reason).toBe(RMI_EXIT_HOST_CALL)
  expect(value).toEqual({ status: RSI_SUCCESS, answer: 42n })
})

test('a scrubbed host call shows nothing, and takes nothing back', () => {
  const { value, exits } = callHost(encoderWith(encoderMay('call', HOST_CALL, 'scrub')), 5n)
  expect(exits.every(isScrubbed)).toBe(true)
  expect(value).toEqual({ status: RSI_SUCCESS, answer: 5n })
})

test('all that the host can see is the same bytes whatever the secret of the guest', () => {
  const view = (secret: bigint): string => {
    const realm = encoderWith(encoderMay('call', HOST_CALL, 'scrub'))
    const { exits } = callHost(realm, secret)
    return `${exits.map((exit) => JSON.stringify(exit, (_, v) => (typeof v === 'bigint' ? `${v}` : v)))} ${nonSecure(realm.host)}`
  }
  expect(view(0x1111n)).toBe(view(0x2222n))
})

/** A digest of all memory that the host can read. */
function nonSecure({ machine }: ScriptedHost): string {
  const { memory } = machine
  const hash = createHash('sha256')
  for (let granule = 0; granule < memory.granules; granule++) {
    if (memory.isNonSecure(granule)) hash.update(memory.granuleBytes(granule))
  }
  return hash.digest('hex')
}

test('calls that the monitor answers itself stay open', () => {
  const encoder = encoderWith()
  expect(encoder.call(RSI_VERSION, 0x1_0000)[0]).toBe(RSI_SUCCESS)
  expect(encoder.call(PSCI_VERSION)[0]).toBe(0x1_0001n)
})

test('other calls that would reach the host are refused in the words of their interface', () => {
  const encoder = encoderWith()
  expect(encoder.call(RSI_IPA_STATE_SET, RAM, RAM + PAGE, 1)[0]).toBe(RSI_ERROR_STATE)
  expect(encoder.call(PSCI_CPU_ON, 1, RAM)[0]).toBe(PSCI_DENIED)
})

test('waiting for an interrupt is always scrubbed: the host cannot tell it from any exit', () => {
  const encoder = encoderWith()
  const wait = encoder.perform((cpu) => cpu.wfi(), { flags: 4n })
  expect(wait.exits.every(isScrubbed)).toBe(true)
  const plain = new Pipeline().realms.encoder.perform((cpu) => cpu.wfi(), { flags: 4n })
  expect(plain.exits[0]).toMatchObject({ exit_reason: RMI_EXIT_SYNC, esr: BigInt(WFX) << 26n })
})

test('turning the system off cannot be blocked, and says no more than that the Realm stopped', () => {
  const encoder = encoderWith()
  encoder.queue.push({ job: (cpu) => cpu.smc([PSCI_SYSTEM_OFF]), done: false })
  const exit = encoder.enter()
  expect(exit).toSatisfy((e) => typeof e !== 'number' && isScrubbed(e))
  expect(encoder.realm.state).toBe('system-off')
  const plain = new Pipeline().realms.encoder
  plain.queue.push({ job: (cpu) => cpu.smc([PSCI_SYSTEM_OFF]), done: false })
  expect(plain.enter()).toMatchObject({ exit_reason: RMI_EXIT_PSCI })
})

test('a blocked abort is taken by the Realm itself', () => {
  const unpopulated = RAM + 64 * PAGE
  const encoder = encoderWith()
  encoder.host.demand(0xc400_0155n, encoder.rd, RAM + 8 * PAGE)
  const blocked = encoder.perform((cpu) => cpu.load(RAM + 8 * PAGE, 8))
  expect(blocked.exception).toBe('SynchronousExternalAbort')
  expect(blocked.exits.every(isScrubbed)).toBe(true)
  expect(encoder.perform((cpu) => cpu.load(unpopulated, 8)).exception).toBe('SynchronousExternalAbort')
})

test('a call that meets missing memory is refused, and the trace says which rule blocked the abort', () => {
  const encoder = encoderWith()
  encoder.host.demand(0xc400_0155n, encoder.rd, RAM + 8 * PAGE)
  expect(encoder.call(RSI_REALM_CONFIG, RAM + 8 * PAGE)[0]).toBe(RSI_ERROR_INPUT)
  expect(encoder.host.events).toContainEqual(
    expect.objectContaining({ event: 'exit', class: 'exception', id: '0x24', action: 'block', rule: 'default' }),
  )
})

test('a data abort that the policy allows tells the host where, and only that', () => {
  const encoder = encoderWith(encoderMay('exception', DATA_ABORT, 'allow'))
  encoder.host.demand(0xc400_0155n, encoder.rd, RAM + 8 * PAGE)
  encoder.queue.push({ job: (cpu) => cpu.load(RAM + 8 * PAGE, 8), done: false })
  expect(encoder.enter()).toMatchObject({ exit_reason: RMI_EXIT_SYNC, hpfar: BigInt((RAM + 8 * PAGE) / 256), far: 0n })
})

/** What its own call leaves to a guest. */
const GUEST_REGISTERS = /\.guest\./

test('after a scrubbed exit the host has nothing to answer', () => {
  const encoder = encoderWith()
  const before = machineState(encoder.host, GUEST_REGISTERS)
  expect(encoder.enter({ flags: 2n })).toBe(3)
  expect(encoder.enter({ flags: 1n })).toBe(3)
  encoder.enter()
  expect(machineState(encoder.host, GUEST_REGISTERS)).toBe(before)
})
