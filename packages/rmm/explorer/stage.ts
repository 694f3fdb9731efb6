import { createRegisters, GRANULE_SIZE, type GuestExit, type GuestStart, type PeParts } from '@mica/hw-sim'
import { encodeBlob } from '@mica/policy'
import { BareHost } from '../lab/bare-host.ts'
import type { CheckpointScope } from '../lab/checkpoint.ts'
import { policyOf } from '../lab/policy-sketch.ts'
import * as abi from '../src/abi/index.ts'
import type { Rmm } from '../src/index.ts'
import { Account, factsOf, type PolicyFacts, type RealmAccount } from './account.ts'
import { parseAction } from './action.ts'
import { buildRealm, GRANULES_OF_REALM } from './build-realm.ts'
import type { RealmSpec, Scenario } from './scenario.ts'
import { type GuestSteps, StepGuest } from './step-guest.ts'
import { TableScan } from './table-scan.ts'

/** A policy that a Realm may upload: its blob, and what its author says it gives. */
interface StagePolicy {
  readonly blob: Uint8Array
  readonly facts: PolicyFacts
}

/** A Realm of a stage, by the addresses that the host has set aside for it; it may have ended meanwhile. */
export interface StageRealm {
  readonly index: number
  readonly spec: RealmSpec
  readonly rd: number
  readonly rec: number
  readonly run: number
  /** Every granule that the host has set aside for it, in the order in which building it takes them. */
  readonly granules: readonly number[]
  readonly account: RealmAccount
  readonly policies: ReadonlyMap<string, StagePolicy>
}

/** Changes the monitor before anything happens: what tests plant. */
export type Plant = (rmm: Rmm) => void

const BASE = 0x8000_0000

/** What a host sees of an exit that a policy does not list. */
const SCRUBBED = Buffer.from(abi.encodeRmiRecExit({ exit_reason: abi.RMI_EXIT_IRQ }))

/** Letters of the granules that a host plays with. */
const POOL_NAMES = 'abcdefgh'

/**
 * A scenario on a real machine with the real monitor: a host that can be told anything, and guests that do one thing at
 * a time. Everything that may change is in {@link Stage.scope}, to be kept and put back.
 */
export class Stage {
  readonly scenario: Scenario
  readonly host: BareHost
  readonly realms: readonly StageRealm[]
  readonly pool: readonly number[]
  /** Granules, and Realms by their descriptors, as actions name them. */
  readonly names: ReadonlyMap<string, number>
  readonly account: Account
  readonly scope: CheckpointScope
  readonly tables: TableScan
  /** What a host was told of an exit that it should have been told nothing of; until somebody asks. */
  told: string | undefined
  /** One for all calls: what a call leaves in it is read before anything else is called. */
  readonly #registers = createRegisters()
  /** What the guest that is made next begins with. */
  #job: ((guest: StepGuest) => GuestSteps) | undefined

  constructor(scenario: Scenario, plant: Plant = () => {}) {
    this.scenario = scenario
    const { realms } = scenario
    const hostPages = 2 + realms.length
    const size = (hostPages + scenario.pool + 1 + realms.length * GRANULES_OF_REALM) * GRANULE_SIZE
    const guests = (start: GuestStart, parts: PeParts) => this.#makeGuest(start, parts)
    const rmm = { limits: { quantum: 0, refusals: Number.POSITIVE_INFINITY } }
    this.host = new BareHost({ machine: { dram: { base: BASE, size }, guests }, rmm })
    plant(this.host.rmm)
    this.tables = new TableScan(this.host.machine.memory)
    const { host } = this
    const params = host.page()
    const window = host.page()
    const runs = realms.map(() => host.page())
    this.pool = Array.from({ length: scenario.pool }, () => host.page())
    const sgt = host.page()
    const granules = realms.map(() => Array.from({ length: GRANULES_OF_REALM }, () => host.page()))
    const rims = new Map<string, Uint8Array>()
    this.account = new Account(realms.map(({ name }, index) => ({ name, rd: granules[index]![0]! })))
    const policies = realms.map(() => new Map<string, StagePolicy>())
    this.realms = realms.map((spec, index) => {
      const own = granules[index]!
      const account = this.account.realms[index]!
      const [rd = 0, rec = 0] = own
      return { index, spec, rd, rec, run: runs[index]!, granules: own, account, policies: policies[index]! }
    })
    this.names = new Map([
      ['params', params],
      ['window', window],
      ['sgt', sgt],
      ...this.pool.map((address, index) => [POOL_NAMES[index]!, address] as const),
      ...this.realms.flatMap(({ spec, granules }) => namesOf(spec.name, granules)),
    ])
    this.scope = { machine: host.machine, rmm: host.rmm, beside: [this.account], hostPages }

    if (scenario.bare !== true) host.demand(abi.RMI_SGT, host.delegate(sgt))
    for (const realm of this.realms) {
      for (const granule of realm.granules) host.delegate(granule)
      if (!this.build(realm)) throw new Error(`${realm.spec.name} cannot be built`)
      rims.set(realm.spec.name, host.rmm.monitor.realmAt(realm.rd)!.rim)
    }
    this.#addPolicies(rims, policies)
    for (const text of scenario.before ?? []) {
      if (parseAction(this, text)?.perform() !== 'done') throw new Error(`\`${text}\` does not succeed`)
    }
  }

  #addPolicies(rims: ReadonlyMap<string, Uint8Array>, policies: readonly Map<string, StagePolicy>[]): void {
    for (const { name, by, sketch } of this.scenario.policies) {
      const sketched = sketch((realm) => rims.get(realm)!)
      const policy: StagePolicy = { blob: encodeBlob(policyOf(sketched)), facts: factsOf(name, sketched) }
      for (const { spec, index } of this.realms) if (by.includes(spec.name)) policies[index]!.set(name, policy)
    }
  }

  /** A call of the host's: whether it succeeded. */
  call(fid: bigint, ...args: readonly number[]): boolean {
    const x = this.#registers.fill(0n)
    x[0] = fid
    for (let i = 0; i < args.length; i++) x[i + 1] = BigInt(args[i]!)
    this.host.machine.smc(x)
    if (x[0] !== 0n) return false
    this.account.noteHost({ fid, args })
    return true
  }

  /** Builds a Realm from the granules that are set aside for it; false if it cannot even be created. */
  build(realm: StageRealm): boolean {
    const params = this.names.get('params')!
    const isBuilt = buildRealm(this, realm, params, this.scenario.bare !== true)
    // From now on the extension has a record of it, and its PE is as it always is between two things that it does.
    if (isBuilt) this.enter(realm, (guest) => one(guest.smc(abi.RSI_UPLOAD_POLICY, 0, 16)))
    return isBuilt
  }

  /** Runs a Realm's guest: false if it cannot run. */
  enter({ rec: address, run, account }: StageRealm, job: (guest: StepGuest) => GuestSteps): boolean {
    const { machine, rmm } = this.host
    const isConfined = account.policy !== undefined
    const rec = rmm.monitor.recAt(address)
    machine.memory.bytes.fill(0, run - BASE, run - BASE + abi.REC_EXIT_OFFSET)
    this.#job = job
    if (rec?.guest instanceof StepGuest) rec.guest.begin(job(rec.guest))
    const hasRun = this.call(abi.RMI_REC_ENTER, address, run)
    this.#job = undefined
    if (rec?.guest instanceof StepGuest) rec.guest.settle()
    const exit = machine.memory.bytes.subarray(run - BASE + abi.REC_EXIT_OFFSET, run - BASE + GRANULE_SIZE)
    // No policy of a scenario allows an exit: all of them are the same to the host.
    if (hasRun && isConfined && !SCRUBBED.equals(exit))
      this.told = `the host sees more of an exit of ${account.name} than that it was one`
    return hasRun
  }

  #makeGuest(start: GuestStart, { memory }: PeParts): StepGuest {
    const guest = new StepGuest(start, memory)
    if (this.#job !== undefined) guest.begin(this.#job(guest))
    return guest
  }
}

/** Steps that are one call. */
function* one(call: Generator<GuestExit, bigint>): GuestSteps {
  yield* call
}

function namesOf(realm: string, granules: readonly number[]): (readonly [string, number])[] {
  const parts = ['', '.rec', '.table', '.middle', '.low', '.channels', '.ram', '.aux']
  return parts.map((part, index) => [`${realm}${part}`, granules[index]!] as const)
}
