import { createHash } from 'node:crypto'
import { DEFAULT_QUANTUM, ICH_HCR, LIST_REGISTER, physicalAddressOf, SYSREG } from '@mica/hw-sim'
import { PACED_BITS_PER_SECOND, RIGHT } from '@mica/policy'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  PSCI_AFFINITY_INFO_64,
  PSCI_CPU_ON_64,
  RMI_DATA_DESTROY,
  RMI_ENTER_TRAP_WFE,
  RMI_ENTER_TRAP_WFI,
  RMI_PSCI_COMPLETE,
  RMI_REALM_FLAG_PMU,
  RMI_RTT_READ_ENTRY,
  RMI_RTT_SET_RIPAS,
  type RmiRecEnter,
  RSI_HOST_CALL,
  RSI_IPA_STATE_SET,
  RSI_MICA_CHANNEL_INFO,
  RSI_MICA_CREDIT,
  RSI_VERSION,
} from '../../src/abi/index.ts'
import { type Job, PAGE, RAM, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'
import { at, CODED, type Parts, Pipeline, RAW, ROLES } from './pipeline.ts'
import { CHANGED, GONE, KINDS, programOf, type Spied, type Step, spying, stepOf, TIMING } from './secret-guest.ts'

/** Ticks a second of the counter of a PE. */
const COUNTER_FREQUENCY = 50_000_000

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
  readonly writer: Spied
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

/** How the policies of a run differ from those of the plain pipeline. */
interface Variant {
  readonly scrubbed?: boolean
  /** The channel from the gate to the encoder. */
  readonly paced?: boolean
}

/** What a run came to, and how long the encoder worked in it, by its own count. */
interface Outcome extends Views {
  readonly worked: number
}

function run(steps: readonly Step[], entry: Partial<RmiRecEnter>, secret: bigint, variant: Variant = {}): Outcome {
  const { scrubbed = false, paced = false } = variant
  const pipeline = new Pipeline(machine(), REALM)
  const change = (parts: Parts): void => {
    parts.memories[0] = { ...parts.memories[0]!, paced }
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
  // Whoever has been notified or given credit shows that to nobody while it works, preempted; and waits once less, where
  // the exit of the wait that follows is the same.
  for (const realm of [gate, moderator]) {
    realm.queue.push({ job: working, done: false })
    for (let count = 0; count < 3; count++) view.enter(realm, entry)
  }
  const writer = gate.perform(spying).value!
  return { host: view.finish(), writer, worked: countOf(encoder) }
}

/** Works for more than the machine's quantum, so that an interrupt comes in the middle of it. */
const working: Job<void> = function* (cpu) {
  for (let calls = 0; calls < 50; calls++) yield* cpu.smc([RSI_VERSION, 0x1_0000n])
}

/** What a guest's own counter has come to. */
const countOf = ({ host, rec }: ScriptedRealm): number =>
  Number(host.rmm.monitor.recAt(rec)!.guest!.system[SYSREG.CNTVCT_EL0])

/** What must not depend on a secret. */
const views = ({ host, writer }: Outcome): Views => ({ host, writer })

const secrets = fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
const programOfSteps = (step: fc.Arbitrary<Step>): fc.Arbitrary<readonly Step[]> =>
  fc.array(step, { minLength: 4, maxLength: 16 }).map((steps) => {
    return steps.some(({ kind }) => TIMING.has(kind)) ? steps.filter(({ kind }) => kind !== 'off') : steps
  })
const programs = programOfSteps(stepOf(...KINDS))
/** As any, and often giving credit. */
const crediting = programOfSteps(stepOf('signal', 'signal', 'signal', 'signal', 'signal', 'signal', ...KINDS))
const restless = programOfSteps(stepOf('presence', 'presence', 'presence', ...KINDS))

test.each([
  ['blocked', false],
  ['scrubbed', true],
])('law 6: runs that differ in a secret are the same to host and writer where transitions are %s', (_, scrubbed) => {
  fc.assert(
    fc.property(programs, interrupts, secrets, (steps, entry, [one, other]) => {
      expect(views(run(steps, entry, one, { scrubbed }))).toEqual(views(run(steps, entry, other, { scrubbed })))
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
      expect(run(steps, entry, one, { scrubbed }).host).toBe(run(steps, entry, other, { scrubbed }).host)
    }),
    { numRuns: 8 },
  )
})

test.each([
  ['blocked', false],
  ['scrubbed', true],
])(
  'law 6: of a paced channel’s reader its writer sees credits and nothing else, where transitions are %s',
  (_, scrubbed) => {
    const variant = { scrubbed, paced: true }
    fc.assert(
      fc.property(crediting, interrupts, secrets, (steps, entry, [one, other]) => {
        const outcomes = [one, other].map((secret) => run(steps, entry, secret, variant))
        const [first, second] = outcomes.map(({ host, writer: { rest } }) => ({ host, rest }))
        expect(first).toEqual(second)
        for (const { writer, worked } of outcomes) {
          // At once, and then as often as a report says of the time that the reader itself has had.
          const seconds = worked / COUNTER_FREQUENCY
          expect(Number(writer.credits)).toBeLessThanOrEqual(1 + PACED_BITS_PER_SECOND * seconds)
          expect(writer.notified).toBe(writer.credits > 0n)
        }
      }),
      { numRuns: 8 },
    )
  },
)

test('a reader that does nothing but to tell its writer something tells it no more than a report says, and no less', () => {
  const quanta = 5
  const telling = (bits: readonly boolean[]): Spied => {
    const pipeline = new Pipeline()
    const change = (parts: Parts): void => {
      parts.memories[0] = { ...parts.memories[0]!, paced: true }
    }
    for (const role of ROLES) expect(pipeline.upload(role, change)).toEqual([0, 0])
    const { gate, encoder } = pipeline.realms
    for (const bit of bits) {
      // A quantum of its own time, in which it tries all the while, or not at all.
      encoder.perform(function* (cpu) {
        const fid = bit ? RSI_MICA_CREDIT : RSI_MICA_CHANNEL_INFO
        for (let units = 0; units < DEFAULT_QUANTUM; units += 512) yield* cpu.smc([fid, 0n])
      })
    }
    return gate.perform(spying).value!
  }
  const all = telling(Array.from({ length: quanta }, () => true))
  const none = telling(Array.from({ length: quanta }, () => false))
  const seconds = (quanta * DEFAULT_QUANTUM) / COUNTER_FREQUENCY
  expect([none.credits, all.rest]).toEqual([0n, none.rest])
  expect(Number(all.credits)).toBeLessThanOrEqual(1 + PACED_BITS_PER_SECOND * seconds)
  expect(Number(all.credits)).toBeGreaterThanOrEqual(quanta)
})

test('the comparison sees what leaving and credit show to the other members', () => {
  const one = (kind: Step['kind']): Step[] => [{ kind, place: RAM, fid: 0n }]
  // 0 leaves the channel that the gate writes, 3 names no memory of the encoder's.
  const left = [0n, 3n].map((secret) => run(one('presence'), {}, secret).writer.rest)
  expect(left[0]).not.toBe(left[1])
  // 5 gives credit for it, 0 notifies of it, which a reader may not.
  const credited = [5n, 0n].map((secret) => run(one('signal'), {}, secret, { paced: true }))
  expect(credited.map(({ writer }) => writer.credits)).toEqual([1n, 0n])
  expect(credited[0]!.host).toBe(credited[1]!.host)
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
