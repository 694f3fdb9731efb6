import { GRANULE_SIZE } from '@mica/hw-sim'
import type { MicaRealm, MicaState, SharedMemory } from '../src/mica/state.ts'
import type { Realm } from '../src/realm/realm.ts'
import type { Rec } from '../src/rec/rec.ts'
import type { Sight } from './oracle.ts'
import type { Stage, StageRealm } from './stage.ts'

/** Numbers of things that are not granules of the pool begin here. */
const ELSEWHERE = 0x1_0000
const NONE = -1

/**
 * States are the same here exactly if these sequences are: everything that later answers may depend on, with the
 * granules that the host plays with in an order that does not depend on their addresses. The host's granules are all
 * alike to the monitor, so what can follow from one of two such states can follow from the other, with other granules.
 *
 * What is left out, by the objects that {@link MEMBERS} lists, is what no decision reads: what is told to readers of
 * reports, counts of credits and refusals (without limit here), time (rates are off), order in which holders are listed.
 */
export function foldState(stage: Stage, sight: Sight): number {
  const fold = new Fold(stage)
  fold.describe(sight)
  return fold.digest()
}

/**
 * Members of the monitor's objects, those that a state is told apart by and those that it is not, with the reason. A test
 * compares the names with what there is.
 */
export const MEMBERS = {
  Realm: {
    told: ['state', 'policy', 'rems'],
    left: {
      identity: 'fixed by the scenario',
      hash: 'fixed',
      rim: 'follows from how it was built',
      nextRecIndex: 'one',
    },
  },
  Rec: {
    told: ['pending', 'lastAbort', 'hasEvent', 'runnable'],
    left: {
      granule: 'fixed by the scenario',
      address: 'fixed by the scenario',
      realm: 'fixed by the scenario',
      aux: 'fixed by the scenario',
      index: 'fixed by the scenario',
      mpidr: 'fixed by the scenario',
      pc: 'fixed by the scenario',
      gprs: 'fixed by the scenario',
      system: 'no REC is turned on again',
      running: 'never between two actions',
      guest: 'always the same between two actions',
      hasVectors: 'guests use none',
      serror: 'there are none',
      hostTraps: 'the host asks for none',
      unseenInterrupts: 'the host gives none',
      tokens: 'nobody reads any',
    },
  },
  MicaRealm: {
    told: ['pds', 'mappings', 'frozen', 'held', 'met', 'notified'],
    left: {
      realm: 'fixed by the scenario',
      refusals: 'without limit here',
      history: 'told in reports only',
      credits: 'told to the Realm only',
      creditPace: 'rates are off',
      rejoinPace: 'rates are off',
    },
  },
  SharedGranule: { told: ['granule', 'sgt', 'memory'], left: {} },
  SharedMemory: { told: ['granules', 'holders', 'leavers', 'revoked'], left: {} },
  Holder: { told: ['member', 'memory', 'base', 'admitted'], left: {} },
  MicaState: {
    told: ['shared', 'roomySgts', 'realms'],
    left: { limits: 'fixed' },
  },
} as const

/** One description, as numbers. */
class Fold {
  readonly #stage: Stage
  readonly #mica: MicaState
  /** What is known of each granule of the pool, mixed: decides their order. */
  readonly #marks: number[]
  /** Place of each granule of the pool in that order. */
  readonly #ranks: number[]
  readonly #memories = new Map<SharedMemory, number>()
  #high = 0x811c_9dc5
  #low = 0x9747_b28c

  constructor(stage: Stage) {
    this.#stage = stage
    this.#mica = stage.host.rmm.monitor.extension!.state as MicaState
    this.#marks = stage.pool.map(() => 0)
    this.#ranks = []
  }

  digest(): number {
    return (this.#high >>> 0) * 2 ** 21 + (this.#low >>> 11)
  }

  describe(sight: Sight): void {
    const order = this.#orderPool(sight)
    for (const granule of order) {
      const shared = this.#mica.shared.get(granule)
      this.#granule(granule)
      this.#add(this.#contentOf(granule))
      this.#add(shared === undefined ? NONE : this.#nameOf(shared.sgt))
      this.#add(shared?.memory === undefined ? NONE : this.#memory(shared.memory))
    }
    const { memory } = this.#stage.host.machine
    const first = this.#stage.scope.hostPages
    for (let granule = first + this.#stage.pool.length; granule < memory.granules; granule++) this.#granule(granule)
    // In order: the next record goes to the first.
    this.#list(Array.from(this.#mica.roomySgts, (sgt) => this.#nameOf(sgt)))
    for (const realm of this.#stage.realms) this.#realm(realm, sight)
    // Grows while it is described: memories of granules that nothing else leads to.
    for (const each of this.#memories.keys()) this.#describeMemory(each)
    const { revoked } = this.#stage.account
    this.#list(Array.from(revoked, (address) => this.#nameOf(granuleOf(this.#stage, address))).sort())
  }

  /** Two lanes of 32 bits that mix each number. */
  #add(value: number): void {
    this.#high = mix(this.#high, value)
    this.#low = mix(this.#low ^ 0x5bd1_e995, value + 0x2545)
  }

  /** Several numbers, and how many. */
  #list(values: readonly number[]): void {
    this.#add(0x7000_0000 + values.length)
    for (const value of values) this.#add(value)
  }

  #granule(granule: number): void {
    const { granules } = this.#stage.host.rmm.monitor
    this.#add(granules.state(granule) * 0x1_0000 + granules.references(granule) * 4)
    this.#add(this.#stage.host.machine.memory.gpt[granule]!)
  }

  /** Marks of Realms, a byte for each, at the start of a granule. */
  #contentOf(granule: number): number {
    return this.#stage.host.machine.memory.words[(granule * GRANULE_SIZE) / 4]!
  }

  /** The pool in an order that depends on what each granule is used for, and on no address. */
  #orderPool(sight: Sight): number[] {
    const { scope, pool } = this.#stage
    const { granules } = this.#stage.host.rmm.monitor
    const first = scope.hostPages
    for (let i = 0; i < pool.length; i++) {
      this.#mark(first + i, granules.state(first + i), granules.references(first + i), this.#contentOf(first + i))
    }
    for (const [realm, found] of sight.tables.entries()) {
      for (const { ipa, level, low, high, address } of found) {
        this.#mark(granuleOf(this.#stage, address), realm, ipa / GRANULE_SIZE, level, low & 0xfff, high)
      }
    }
    for (const [place, sgt] of [...this.#mica.roomySgts].entries()) this.#mark(sgt, 1, place)
    for (const { rd, index } of this.#stage.realms) {
      for (const [place, pd] of this.#known(rd)?.pds.entries() ?? []) this.#mark(pd, 2, index, place)
    }
    for (const [granule, { memory }] of this.#mica.shared) {
      if (memory === undefined) continue
      const { holders, leavers, revoked } = memory
      this.#mark(granule, memory.granules.indexOf(granule), holders.length, leavers.size, revoked ? 1 : 0)
    }
    const order = pool.map((_, i) => i).sort((a, b) => this.#marks[a]! - this.#marks[b]!)
    for (const [rank, i] of order.entries()) this.#ranks[i] = rank
    return order.map((i) => first + i)
  }

  #mark(granule: number, ...values: readonly number[]): void {
    const index = granule - this.#stage.scope.hostPages
    if (index < 0 || index >= this.#marks.length) return
    // Added up, so that it does not matter in which order things are found.
    this.#marks[index] = (this.#marks[index]! + values.reduce(mix, 0x811c_9dc5)) | 0
  }

  #nameOf(granule: number): number {
    const index = granule - this.#stage.scope.hostPages
    return this.#ranks[index] ?? ELSEWHERE + granule
  }

  #known(rd: number): MicaRealm | undefined {
    const realm = this.#stage.host.rmm.monitor.realmAt(rd)
    return realm === undefined ? undefined : this.#mica.find(realm)
  }

  #realm(staged: StageRealm, sight: Sight): void {
    const { monitor } = this.#stage.host.rmm
    const { account } = staged
    this.#add(account.life)
    const realm = monitor.realmAt(staged.rd)
    if (realm === undefined) {
      this.#add(NONE)
      return
    }
    this.#base(realm, monitor.recAt(staged.rec))
    this.#add(
      account.policy === undefined
        ? NONE
        : [...staged.policies.values()].findIndex(({ facts }) => facts === account.policy),
    )
    this.#list([...account.held].sort())
    const found = sight.tables[staged.index]!
    this.#add(found.length)
    for (const { ipa, level, low, high, address } of found) {
      this.#add(ipa / GRANULE_SIZE)
      this.#add(level)
      this.#add((low & 0xfff) | (high & 0xfff0_0000))
      this.#add(this.#nameOf(granuleOf(this.#stage, address)))
    }
    const known = this.#mica.find(realm)
    if (known !== undefined) this.#member(known)
  }

  #base(realm: Realm, rec: Rec | undefined): void {
    this.#add(['new', 'active', 'system-off'].indexOf(realm.state))
    for (const rem of realm.rems) this.#add(rem.every((byte) => byte === 0) ? 0 : 1)
    if (rec === undefined) {
      this.#add(NONE)
      return
    }
    this.#add((rec.hasEvent ? 1 : 0) + (rec.runnable ? 2 : 0) + (rec.lastAbort === undefined ? 0 : 4))
    const { pending } = rec
    this.#add(['none', 'host-call', 'ripas-change', 'psci'].indexOf(pending.kind))
    if (pending.kind !== 'ripas-change') return
    this.#add(pending.next / GRANULE_SIZE)
    this.#add(pending.top / GRANULE_SIZE)
    this.#add(pending.ripas + (pending.discard ? 8 : 0) + (pending.changeDestroyed ? 16 : 0))
  }

  #member(member: MicaRealm): void {
    this.#list(member.pds.map((pd) => this.#nameOf(pd)))
    this.#list(sorted(member.mappings).flatMap(([ipa, { granule }]) => [ipa / GRANULE_SIZE, this.#nameOf(granule)]))
    this.#list(sorted(member.held).flatMap(([index, memory]) => [index, this.#memory(memory)]))
    for (const { rd } of this.#stage.realms) {
      const other = this.#known(rd)
      const shared = other === undefined ? undefined : member.met.get(other)
      this.#list(shared === undefined ? [] : sorted(shared).flat())
    }
    this.#list([...member.notified].sort())
  }

  /** The number of a memory: in the order in which they are met. */
  #memory(memory: SharedMemory): number {
    const known = this.#memories.get(memory)
    if (known !== undefined) return known
    this.#memories.set(memory, this.#memories.size)
    return this.#memories.size - 1
  }

  #describeMemory({ granules, holders, leavers, revoked }: SharedMemory): void {
    this.#add(revoked ? 1 : 0)
    this.#list(granules.map((granule) => this.#nameOf(granule)))
    let gone = leavers.size
    for (const { rd, index } of this.#stage.realms) {
      const member = this.#known(rd)
      if (member === undefined) continue
      if (leavers.has(member)) {
        gone--
        this.#add(0x1000 + index)
      }
      for (const holder of holders) {
        if (holder.member !== member) continue
        this.#add(0x2000 + index)
        this.#add(holder.memory)
        this.#add(holder.base / GRANULE_SIZE)
        this.#list(sorted(holder.admitted).flat())
      }
    }
    // Who has left and ended: one or several, there is something to zero.
    this.#add(gone > 0 ? 1 : 0)
  }
}

function granuleOf({ host: { machine } }: Stage, address: number): number {
  return (address - machine.memory.base) / GRANULE_SIZE
}

function sorted<T>(map: ReadonlyMap<number, T>): readonly (readonly [number, T])[] {
  return [...map].sort(([a], [b]) => a - b)
}

/** Mixes a number of up to 53 bits into 32. */
function mix(state: number, value: number): number {
  let mixed = Math.imul(state ^ (value | 0), 0x9e37_79b1)
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ (value / 2 ** 32), 0x85eb_ca6b)
  return mixed ^ (mixed >>> 13)
}
