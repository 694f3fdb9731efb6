import { type ScriptedCpu, TIMER_ENABLE } from '@mica/hw-sim'
import fc from 'fast-check'
import {
  encodeRsiHostCall,
  MICA_ALL_MEMORIES,
  PSCI_AFFINITY_INFO_64,
  PSCI_CPU_ON_64,
  PSCI_CPU_SUSPEND_64,
  PSCI_SYSTEM_OFF,
  RSI_ATTEST_TOKEN_CONTINUE_GROUP,
  RSI_ATTEST_TOKEN_INIT_GROUP,
  RSI_ATTESTATION_TOKEN_CONTINUE,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_HOST_CALL,
  RSI_IPA_STATE_SET,
  RSI_MEASUREMENT_EXTEND,
  RSI_MICA_CHANNEL_INFO,
  RSI_MICA_CREDIT,
  RSI_MICA_LEAVE,
  RSI_MICA_NOTIFY,
  RSI_MICA_POLICY_STATUS,
  RSI_MICA_REJOIN,
  RSI_MICA_REVOKE,
  RSI_MICA_TIME,
  rsiCommandName,
} from '../../src/abi/index.ts'
import { type Job, PAGE, RAM, UNPROTECTED } from '../scripted-host.ts'
import { at, CLEAN, CODED, NIC_IPA, RAW } from './pipeline.ts'

/** A page that the host takes away before the guest runs. */
export const GONE = RAM + 8 * PAGE
/** Where accesses go: memory, channels with and without the right, nothing declared, the host's half, beyond the end. */
const PLACES = [
  RAM,
  GONE,
  at(RAW),
  at(CODED),
  at(CLEAN),
  RAM + 64 * PAGE,
  UNPROTECTED,
  NIC_IPA,
  2 ** 32 - PAGE,
  2 ** 40,
]
/** What shows to others that a Realm is there, or is not: a residual, so that of these only the host may see nothing. */
const PRESENCE = [RSI_MICA_LEAVE, RSI_MICA_REJOIN, RSI_MICA_REVOKE]
/** What a Realm tells others by the monitor, or asks it about them. */
const SIGNALS = [RSI_MICA_NOTIFY, RSI_MICA_CREDIT, RSI_MICA_CHANNEL_INFO, RSI_MICA_POLICY_STATUS]
const RSI = Array.from({ length: 0x40 }, (_, i) => 0xc400_0190n + BigInt(i)).filter(
  (fid) => rsiCommandName(fid) && !PRESENCE.includes(fid),
)
const FIDS = [...RSI, 0x8400_0000n, 0x8400_0001n, 0x8400_0004n, 0xc400_0003n, 0x8000_0000n, 0x7fff_ffffn]

/** A page whose state the guest asks to change. */
export const CHANGED = RAM + 9 * PAGE

export const KINDS = [
  'load',
  'store',
  'fetch',
  'copy',
  'call',
  'call',
  'any-call',
  'signal',
  'signal',
  'measure',
  'host-call',
  'state',
  'attest',
  'power',
  'timers',
  'interrupts',
  'take-interrupt',
  'monitors',
  'send',
  'wait',
  'wait-for-event',
  'off',
] as const

/** What decides when a guest leaves, as the data in it says: that it does is no secret, and from then on what it is doing. */
export const TIMING: ReadonlySet<string> = new Set(['timers', 'interrupts', 'take-interrupt'])

/** One thing that a guest does, always, with its secret in all of its data. `where` and `what` choose among fixed lists. */
export interface Step {
  readonly kind: (typeof KINDS)[number] | 'presence'
  readonly place: number
  readonly fid: bigint
}

export const stepOf = (...kinds: readonly Step['kind'][]): fc.Arbitrary<Step> =>
  fc.record({ kind: fc.constantFrom(...kinds), place: fc.constantFrom(...PLACES), fid: fc.constantFrom(...FIDS) })

const word = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, value)).buffer)

/** Any function of the Realm Services Interface and of the extension, but for those that show presence. */
function anyFunction(secret: bigint): bigint {
  const fid = 0xc400_0190n + (secret % 0x40n)
  return PRESENCE.includes(fid) ? RSI_MICA_NOTIFY : fid
}

/** One step. Which instructions run does not depend on the secret; every value in them does, and with `roam` every address. */
function* perform(cpu: ScriptedCpu, { kind, place, fid }: Step, secret: bigint, roam: boolean): ReturnType<Job<void>> {
  const somewhere = roam ? place + Number(secret % 512n) * 8 + Number(secret % 3n) * PAGE : place
  const args = Array.from({ length: 16 }, (_, i) => BigInt.asUintN(64, (secret + 1n) * BigInt(2 * i + 1)))
  switch (kind) {
    case 'load':
      return void (yield* cpu.load(somewhere, 8))
    case 'store':
      return yield* cpu.store(somewhere, word(secret))
    case 'fetch':
      return void (yield* cpu.fetch(somewhere, 8))
    case 'copy':
      return yield* cpu.copy(somewhere, RAM + PAGE, 8)
    case 'call':
      return void (yield* cpu.smc([fid, roam ? args[0]! : BigInt(place), ...args.slice(1)]))
    case 'any-call':
      return void (yield* cpu.smc([roam ? anyFunction(secret) : fid, ...args]))
    case 'signal':
      return void (yield* cpu.smc([SIGNALS[Number(secret / 5n) % SIGNALS.length]!, secret % 5n]))
    case 'presence': {
      const memory = secret % 5n === 4n ? MICA_ALL_MEMORIES : secret % 5n
      return void (yield* cpu.smc([PRESENCE[Number(secret / 5n) % PRESENCE.length]!, memory, ...args]))
    }
    case 'measure':
      return void (yield* cpu.smc([RSI_MEASUREMENT_EXTEND, (secret % 4n) + 1n, 8n, secret]))
    case 'host-call':
      yield* cpu.store(RAM + 256, encodeRsiHostCall({ imm: Number(secret & 0xffffn), gprs: args }))
      return void (yield* cpu.smc([RSI_HOST_CALL, BigInt(RAM + 256), ...args]))
    case 'state':
      return void (yield* cpu.smc([RSI_IPA_STATE_SET, BigInt(CHANGED), BigInt(CHANGED + PAGE), secret & 1n, secret]))
    case 'attest':
      yield* cpu.smc([RSI_ATTESTATION_TOKEN_INIT, ...args.slice(0, 8)])
      return void (yield* cpu.smc([RSI_ATTESTATION_TOKEN_CONTINUE, BigInt(RAM), secret % 64n, secret % 1024n]))
    case 'power':
      yield* cpu.smc([PSCI_CPU_ON_64, 1n, BigInt(RAM) + (secret % BigInt(PAGE)), ...args])
      yield* cpu.smc([PSCI_AFFINITY_INFO_64, 1n, 0n, ...args])
      return void (yield* cpu.smc([PSCI_CPU_SUSPEND_64, ...args]))
    case 'timers':
      for (const timer of ['CNTV', 'CNTP']) {
        yield* cpu.msr(`${timer}_CVAL_EL0`, secret)
        yield* cpu.msr(`${timer}_CTL_EL0`, TIMER_ENABLE | (secret & 2n))
      }
      return
    case 'interrupts':
      yield* cpu.msr('ICC_PMR_EL1', secret & 0xffn)
      yield* cpu.msr('ICC_IGRPEN1_EL1', (secret >> 8n) & 1n)
      return yield* cpu.msr('ICC_CTLR_EL1', (secret >> 8n) & 2n)
    case 'take-interrupt': {
      const intid = yield* cpu.mrs('ICC_IAR1_EL1')
      yield* cpu.msr('ICC_EOIR1_EL1', (secret & 1n) === 0n ? intid : secret % 1019n)
      return yield* cpu.msr('ICC_DIR_EL1', secret % 1019n)
    }
    case 'monitors':
      for (const name of ['PMCNTENSET_EL0', 'PMINTENSET_EL1', 'PMOVSSET_EL0']) yield* cpu.msr(name, secret)
      return yield* cpu.msr('PMCR_EL0', 1n)
    case 'send':
      return yield* cpu.msr('ICC_SGI1R_EL1', secret)
    case 'wait':
      return yield* cpu.wfi()
    case 'wait-for-event':
      return yield* cpu.wfe()
    case 'off':
      return void (yield* cpu.smc([PSCI_SYSTEM_OFF, ...args]))
  }
}

/** What a policy gives a guest instead of an exit. */
const EXCEPTIONS: ReadonlySet<string> = new Set(['SynchronousExternalAbort', 'UndefinedInstruction'])

export const programOf = (steps: readonly Step[], secret: bigint, roam: boolean): Job<void> =>
  function* (cpu) {
    yield* cpu.store(RAM + PAGE, word(secret))
    for (const one of steps) {
      try {
        yield* perform(cpu, one, secret, roam)
      } catch (error) {
        if (!(error instanceof Error) || !EXCEPTIONS.has(error.name)) throw error
      }
    }
  }

/** What the gate, which writes the channel that the encoder reads, has found out. */
export interface Spied {
  /** How often it was given credit for that channel, and whether it has been notified of it since. */
  readonly credits: bigint
  readonly notified: boolean
  /** Time, as far as it has any: the counters of its PE, and what the monitor says of the machine's clock. */
  readonly time: string
  /** Everything else: its own token, memory and calls. */
  readonly rest: string
}

/** Word of the status that holds notifications, and the bit in it of the channel to the encoder. */
const NOTIFIED = 0x80
const RAW_BIT = 1

const textOf = (seen: unknown): string =>
  JSON.stringify(seen, (_, value) => (typeof value === 'bigint' ? `${value}` : value))

export const spying: Job<Spied> = function* (cpu) {
  const seen: unknown[] = []
  for (let index = 1n; index <= 4n; index++) seen.push(yield* cpu.smc([RSI_MEASUREMENT_EXTEND, index, 8n, 1n]))
  seen.push(yield* cpu.smc([RSI_ATTEST_TOKEN_INIT_GROUP]))
  seen.push(yield* cpu.smc([RSI_ATTEST_TOKEN_CONTINUE_GROUP, BigInt(RAM), 0n, BigInt(PAGE)]))
  seen.push(Buffer.from(yield* cpu.load(RAM, PAGE)).toString('hex'))
  let credits = 0n
  for (let memory = 0n; memory < 4n; memory++) {
    const info = yield* cpu.smc([RSI_MICA_CHANNEL_INFO, memory])
    if (memory === 0n) credits = info[5]!
    seen.push(memory === 0n ? info.with(5, 0n) : info)
  }
  seen.push(yield* cpu.smc([RSI_MICA_POLICY_STATUS, BigInt(RAM + PAGE)]))
  const status = yield* cpu.load(RAM + PAGE, 256)
  const notified = (status[NOTIFIED]! & RAW_BIT) !== 0
  seen.push(Buffer.from(status.with(NOTIFIED, status[NOTIFIED]! & ~RAW_BIT)).toString('hex'))
  seen.push(Buffer.from(yield* cpu.load(at(CLEAN), 64)).toString('hex'))
  const time = [yield* cpu.mrs('CNTVCT_EL0'), yield* cpu.mrs('CNTPCT_EL0'), yield* cpu.smc([RSI_MICA_TIME])]
  return { credits, notified, time: textOf(time), rest: textOf(seen) }
}
