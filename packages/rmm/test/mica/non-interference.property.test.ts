import { createHash } from 'node:crypto'
import { ICH_HCR, LIST_REGISTER, physicalAddressOf, type ScriptedCpu, TIMER_ENABLE } from '@mica/hw-sim'
import { RIGHT } from '@mica/policy'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  encodeRsiHostCall,
  MICA_ALL_MEMORIES,
  PSCI_AFFINITY_INFO_64,
  PSCI_CPU_ON_64,
  PSCI_CPU_SUSPEND_64,
  PSCI_SYSTEM_OFF,
  RMI_DATA_DESTROY,
  RMI_ENTER_TRAP_WFE,
  RMI_ENTER_TRAP_WFI,
  RMI_PSCI_COMPLETE,
  RMI_REALM_FLAG_PMU,
  RMI_RTT_READ_ENTRY,
  RMI_RTT_SET_RIPAS,
  type RmiRecEnter,
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
  rsiCommandName,
} from '../../src/abi/index.ts'
import { type Job, PAGE, RAM, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { at, CLEAN, CODED, NIC_IPA, type Parts, Pipeline, RAW, ROLES } from './pipeline.ts'

/** A page that the host takes away before the guest runs. */
const GONE = RAM + 8 * PAGE
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
const CHANGED = RAM + 9 * PAGE

const KINDS = [
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
const TIMING: ReadonlySet<string> = new Set(['timers', 'interrupts', 'take-interrupt'])

/** One thing that a guest does, always, with its secret in all of its data. `where` and `what` choose among fixed lists. */
interface Step {
  readonly kind: (typeof KINDS)[number] | 'presence'
  readonly place: number
  readonly fid: bigint
}

const stepOf = (...kinds: readonly Step['kind'][]): fc.Arbitrary<Step> =>
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

const programOf = (steps: readonly Step[], secret: bigint, roam: boolean): Job<void> =>
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

/** What the gate, which writes the channel that the encoder reads, can find out: its own token, memory and calls. */
const spying: Job<string> = function* (cpu) {
  const seen: unknown[] = []
  for (let index = 1n; index <= 4n; index++) seen.push(yield* cpu.smc([RSI_MEASUREMENT_EXTEND, index, 8n, 1n]))
  seen.push(yield* cpu.smc([RSI_ATTEST_TOKEN_INIT_GROUP]))
  seen.push(yield* cpu.smc([RSI_ATTEST_TOKEN_CONTINUE_GROUP, BigInt(RAM), 0n, BigInt(PAGE)]))
  for (let memory = 0n; memory < 4n; memory++) seen.push(yield* cpu.smc([RSI_MICA_CHANNEL_INFO, memory]))
  seen.push(yield* cpu.smc([RSI_MICA_POLICY_STATUS, BigInt(RAM + PAGE)]))
  seen.push(Buffer.from(yield* cpu.load(RAM + PAGE, 256)).toString('hex'))
  seen.push(
    Buffer.from(yield* cpu.load(RAM, PAGE)).toString('hex'),
    Buffer.from(yield* cpu.load(at(CLEAN), 64)).toString('hex'),
  )
  return JSON.stringify(seen, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
}

/** All that the host can see: every answer to an SMC, every exit record, and all of Non-secure memory at the end. */
class HostView {
  readonly #host: ScriptedHost
  readonly #hash = createHash('sha256')

  constructor(host: ScriptedHost) {
    this.#host = host
  }

  enter(realm: ScriptedRealm, interrupts: Partial<RmiRecEnter> = {}): void {
    realm.enter({ flags: RMI_ENTER_TRAP_WFI | RMI_ENTER_TRAP_WFE, gprs: [1n, 2n, 3n], ...interrupts })
    this.#hash.update(this.#host.machine.memory.read('non-secure', physicalAddressOf(realm.run), PAGE)!)
  }

  /** What the answers to commands tell of a Realm, also to those that it has given no reason for. */
  probe({ rd, recs }: ScriptedRealm): void {
    for (const ipa of [RAM, GONE, CHANGED, at(RAW), at(CODED)]) this.#host.smc(RMI_RTT_READ_ENTRY, rd, ipa, 3)
    this.#host.smc(RMI_RTT_SET_RIPAS, rd, recs[0]!.address, CHANGED, CHANGED + PAGE)
    this.#host.smc(RMI_PSCI_COMPLETE, recs[0]!.address, recs[1]?.address ?? 0, 0)
  }

  finish(): string {
    const { memory } = this.#host.machine
    for (let granule = 0; granule < memory.granules; granule++) {
      if (memory.isNonSecure(granule)) this.#hash.update(memory.granuleBytes(granule))
    }
    const calls = this.#host.events.filter(({ event }) => event === 'smc')
    return this.#hash.update(JSON.stringify(calls)).digest('hex')
  }
}

interface Views {
  readonly host: string
  readonly writer: string
}

/** A machine with two list registers that is soon interrupted, for Realms with performance monitors and a REC that is off. */
const machine = (): ScriptedHost => new ScriptedHost({ identification: { ICH_VTR_EL2: 0x9400_0001n }, quantum: 20_000 })
const REALM = {
  flags: RMI_REALM_FLAG_PMU,
  params: { pmu_num_ctrs: 1 },
  recs: [{}, { runnable: false }],
} as const

/** What the host asks of the interrupt interface at every entry. */
const interrupts: fc.Arbitrary<Partial<RmiRecEnter>> = fc.record({
  gicv3_hcr: fc.constantFrom(0n, ICH_HCR.trapDeactivate, ICH_HCR.noRegisterForEnd),
  gicv3_lrs: fc.constantFrom([], [LIST_REGISTER.pending | LIST_REGISTER.group1 | LIST_REGISTER.maintenanceOnEnd | 40n]),
})

function run(steps: readonly Step[], entry: Partial<RmiRecEnter>, secret: bigint, scrubbed: boolean): Views {
  const pipeline = new Pipeline(machine(), REALM)
  const change = (parts: Parts): void => {
    const coded = parts.memories[1]!
    const [writing, reading] = coded.mappings
    parts.memories[1] = { ...coded, mappings: [{ ...writing!, rights: RIGHT.write | RIGHT.owner }, reading!] }
    if (!scrubbed) return
    parts.transitions.push(
      {
        peer: 1,
        class: 'call',
        action: 'scrub',
        ranges: [
          [Number(PSCI_CPU_ON_64), Number(PSCI_AFFINITY_INFO_64)],
          [Number(RSI_IPA_STATE_SET), Number(RSI_IPA_STATE_SET)],
          [Number(RSI_HOST_CALL), Number(RSI_HOST_CALL)],
        ],
      },
      {
        peer: 1,
        class: 'exception',
        action: 'scrub',
        ranges: [
          [0x18, 0x18],
          [0x20, 0x20],
          [0x24, 0x24],
        ],
      },
    )
  }
  for (const role of ROLES) expect(pipeline.upload(role, change)).toEqual([0, 0])
  const { host, realms } = pipeline
  const { gate, encoder, moderator } = realms
  host.demand(RMI_DATA_DESTROY, encoder.rd, GONE)
  const view = new HostView(host)
  // Addresses that a secret chooses decide whether an abort happens: a policy that scrubs aborts shows that it did.
  encoder.queue.push({ job: programOf(steps, secret, !scrubbed), done: false })
  for (let count = 0; count < steps.length + 2; count++) {
    view.enter(encoder, entry)
    view.probe(encoder)
  }
  const writer = gate.perform(spying).value!
  // Whoever has been notified waits once less; the exit of the wait that follows is the same.
  view.enter(moderator, entry)
  return { host: view.finish(), writer }
}

const secrets = fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
const programOfSteps = (step: fc.Arbitrary<Step>): fc.Arbitrary<readonly Step[]> =>
  fc.array(step, { minLength: 4, maxLength: 16 }).map((steps) => {
    return steps.some(({ kind }) => TIMING.has(kind)) ? steps.filter(({ kind }) => kind !== 'off') : steps
  })
const programs = programOfSteps(stepOf(...KINDS))
const restless = programOfSteps(stepOf('presence', 'presence', 'presence', ...KINDS))

test.each([
  ['blocked', false],
  ['scrubbed', true],
])('law 6: runs that differ in a secret are the same to host and writer where transitions are %s', (_, scrubbed) => {
  fc.assert(
    fc.property(programs, interrupts, secrets, (steps, entry, [one, other]) => {
      expect(run(steps, entry, one, scrubbed)).toEqual(run(steps, entry, other, scrubbed))
    }),
    { numRuns: 8 },
  )
})

test.each([
  ['blocked', false],
  ['scrubbed', true],
])('law 6: who leaves, returns or revokes shows the host nothing where transitions are %s', (_, scrubbed) => {
  fc.assert(
    fc.property(restless, interrupts, secrets, (steps, entry, [one, other]) => {
      expect(run(steps, entry, one, scrubbed).host).toBe(run(steps, entry, other, scrubbed).host)
    }),
    { numRuns: 8 },
  )
})

test('the comparison sees what leaving shows to the other members', () => {
  const writer = (kind: Step['kind'], secret: bigint) => run([{ kind, place: RAM, fid: 0n }], {}, secret, false).writer
  // 0 leaves the channel that the gate writes, 3 names no memory of the encoder's.
  expect(writer('presence', 0n)).not.toBe(writer('presence', 3n))
})

test.each(['host-call', 'state', 'timers', 'interrupts', 'monitors', 'send'] as const)(
  'the comparison sees what an allowed transition shows: %s',
  (kind) => {
    const view = (secret: bigint): string => {
      const host = machine()
      const realm = host.createRealm(REALM)
      const seen = new HostView(host)
      realm.queue.push({ job: programOf([{ kind, place: RAM, fid: 0n }], secret, true), done: false })
      seen.enter(realm)
      return seen.finish()
    }
    expect(view(0n)).toBe(view(0n))
    expect(view(0n)).not.toBe(view(1n))
  },
)
