import type { NormalWorld } from '@mica/host'
import {
  type Instruction,
  type MachineEvent,
  type ScriptedCpu,
  type ScriptedProgram,
  scriptedGuests,
} from '@mica/hw-sim'
import { decodeBlob, type Memory, type Policy } from '@mica/policy'
import { rimOf, SCRATCH_BASE, UNPROTECTED_BASE } from '@mica/realm-sdk/build'
import { encodeRmiRecEnter, RMI_REC_ENTER, RMI_SUCCESS, RSI_SUCCESS, RSI_UPLOAD_POLICY } from '@mica/rmm/abi'
import type { BootOptions, GroupToLaunch, RealmToLaunch } from '../../../backend.ts'
import { bootSimulator } from '../boot.ts'
import type { SimulatedDeployment } from '../deployment.ts'
import type { DeployedRealm, SimulatedPlatform } from '../platform.ts'
import { planOf } from '../realm-plan.ts'

const GRANULE = 4096
/** Entries after which a job that does not end is given up: it stands before an abort that nobody will ever answer. */
const MOST_ENTRIES = 16

/** What a guest of the stage does when it is told to, with every instruction of a PE. */
export type Job<T> = (cpu: ScriptedCpu) => Instruction<T>

/** How a job ended. */
export interface Done<T> {
  readonly value: T | undefined
  /** The exception that the PE took, or `an exit to the host` where the job stands before one. */
  readonly exception: string | undefined
  /** What the host could read of every exit on the way. */
  readonly exits: readonly Uint8Array[]
}

/** What came of an upload; the rule is from the event trace. */
export type Upload =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly step: number; readonly rule: string }
  | { readonly kind: 'ignored' }

interface Queued {
  readonly job: Job<unknown>
  ended: boolean
  value?: unknown
  exception?: string
}

/**
 * A simulated machine on which a hostile host has built a group. The images are loaded and measured; where their programs
 * would start, each Realm does what an attack tells it to. Everything else is what runs in earnest: host, monitor, PEs.
 */
export class AttackStage {
  readonly group: GroupToLaunch
  readonly events: readonly MachineEvent[]
  readonly actors: readonly Actor[]
  readonly #platform: SimulatedPlatform
  readonly #deployment: SimulatedDeployment
  readonly #queues: Map<string, Queued[]>

  private constructor(
    group: GroupToLaunch,
    platform: SimulatedPlatform,
    deployment: SimulatedDeployment,
    events: readonly MachineEvent[],
    queues: Map<string, Queued[]>,
  ) {
    this.group = group
    this.events = events
    this.#platform = platform
    this.#deployment = deployment
    this.#queues = queues
    this.actors = deployment.built.map((built, index) => this.#actor(built, group.realms[index]!))
  }

  /** Boots a machine and builds the group on it. No policy is uploaded. */
  static async open(group: GroupToLaunch, options: BootOptions): Promise<AttackStage> {
    const events: MachineEvent[] = []
    const queues = new Map<string, Queued[]>()
    const onEvent = (event: MachineEvent): void => {
      events.push(event)
      options.onEvent?.(event)
    }
    const guests = scriptedGuests(({ rec }) => programOf(queues, rec))
    const platform = await bootSimulator({ ...options, onEvent }, guests)
    return new AttackStage(group, platform, await platform.launch(group), events, queues)
  }

  /** All that the host can do. */
  get world(): NormalWorld {
    return this.#platform.world
  }

  /** A fresh granule of the host's, delegated. */
  delegated(): number {
    return this.#platform.builder.delegated()
  }

  /** A fresh granule of the host's. */
  page(): number {
    return this.#platform.pool.take()
  }

  /** The host builds one more Realm, on memories of the group. In their mappings it is peer 0. */
  beside(realm: RealmToLaunch, memories: readonly Memory[]): Actor {
    const built = this.#platform.builder.build(planOf(realm, 0, memories, this.#deployment.provided))
    return this.#actor({ peer: realm.peer, rd: `0x${built.rd.toString(16)}`, built }, realm)
  }

  /** The first granule of a protected memory. */
  granuleOf(memory: string): number {
    const given = this.#deployment.provided.get(memory)
    if (given?.kind !== 'protected') throw new RangeError(`there is no protected memory ${memory}`)
    return given.region.granules[0]!
  }

  async close(): Promise<void> {
    await this.#platform.stop()
  }

  #actor(deployed: DeployedRealm, realm: RealmToLaunch): Actor {
    const queue: Queued[] = []
    for (const { rec } of deployed.built.recs) this.#queues.set(`0x${rec.toString(16)}`, queue)
    return new Actor(this, deployed, realm, queue)
  }
}

function programOf(queues: ReadonlyMap<string, Queued[]>, rec: string): ScriptedProgram {
  return function* (cpu) {
    for (;;) {
      const next = queues.get(rec)?.shift()
      if (next === undefined) {
        yield* cpu.wfi()
        continue
      }
      try {
        next.value = yield* next.job(cpu)
      } catch (error) {
        if (!(error instanceof Error)) throw error
        next.exception = error.name
      }
      next.ended = true
    }
  }
}

/** One Realm of the stage. */
export class Actor {
  readonly peer: string
  readonly rd: number
  /** The granule that the host gave for its policy. */
  readonly pd: number
  readonly rim: Uint8Array
  readonly policy: Policy
  readonly #stage: AttackStage
  readonly #deployed: DeployedRealm
  readonly #blob: Uint8Array
  readonly #queue: Queued[]

  constructor(stage: AttackStage, deployed: DeployedRealm, { peer, image, blob }: RealmToLaunch, queue: Queued[]) {
    const decoded = decodeBlob(blob)
    if (decoded.kind !== 'policy') throw new RangeError(`the blob of ${peer} is no policy`)
    this.peer = peer
    this.rd = deployed.built.rd
    this.pd = deployed.built.policy[0]!
    this.rim = rimOf(image)
    this.policy = decoded.policy
    this.#stage = stage
    this.#deployed = deployed
    this.#blob = blob
    this.#queue = queue
  }

  /** Memories of its policy that it has a place in, and where. Those that the host places are left out. */
  get places(): readonly { readonly memory: Memory; readonly ipa: number; readonly rights: number }[] {
    return this.policy.memories.flatMap((memory) => {
      const own = memory.mappings.find(({ peer }) => peer === this.policy.self)
      if (own === undefined || own.ipaGranule === null) return []
      const half = memory.kind === 'unprotected' ? UNPROTECTED_BASE : 0
      return [{ memory, ipa: half + own.ipaGranule * GRANULE, rights: own.rights }]
    })
  }

  /** Events about this Realm or its REC, from a place in the trace on. */
  eventsSince(from: number): readonly MachineEvent[] {
    const recs = new Set(this.#deployed.built.recs.map(({ rec }) => `0x${rec.toString(16)}`))
    return this.#stage.events
      .slice(from)
      .filter(({ rd, rec }) => rd === this.#deployed.rd || (typeof rec === 'string' && recs.has(rec)))
  }

  /** Has the guest do something, and enters it until that has ended. */
  perform<T>(job: Job<T>): Done<T> {
    const queued: Queued = { job, ended: false }
    this.#queue.push(queued)
    const { rec, run } = this.#deployed.built.recs[0]!
    const exits: Uint8Array[] = []
    for (let entry = 0; entry < MOST_ENTRIES && !queued.ended; entry++) {
      this.#stage.world.write(run, encodeRmiRecEnter({}))
      if (this.#stage.world.rmi(RMI_REC_ENTER, rec, run).status !== RMI_SUCCESS) break
      exits.push(this.#stage.world.read(run, GRANULE) ?? new Uint8Array(0))
    }
    if (!queued.ended) return { value: undefined, exception: 'an exit to the host', exits }
    return { value: queued.value as T | undefined, exception: queued.exception, exits }
  }

  /** Uploads a policy, by default its own. */
  upload(blob: Uint8Array = this.#blob): Upload {
    const from = this.#stage.events.length
    const { value } = this.perform(function* (cpu) {
      yield* cpu.store(SCRATCH_BASE, blob)
      return (yield* cpu.smc([RSI_UPLOAD_POLICY, BigInt(SCRATCH_BASE), BigInt(blob.length)]))[0]
    })
    if (value === RSI_SUCCESS) return { kind: 'accepted' }
    const refusal = this.eventsSince(from).find(({ event }) => event === 'policy')
    if (refusal === undefined) return { kind: 'ignored' }
    return { kind: 'refused', step: Number(refusal['step']), rule: String(refusal['rule']) }
  }

  /** Eight bytes that the guest finds at an address. */
  load(ipa: number): Done<bigint> {
    return this.perform((cpu) => cpu.load64(ipa))
  }

  store(ipa: number, value: bigint): Done<void> {
    return this.perform((cpu) => cpu.store64(ipa, value))
  }
}
