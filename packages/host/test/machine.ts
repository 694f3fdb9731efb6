import { type EventSink, type GuestStart, Machine, type ScriptedProgram, scriptedGuests } from '@mica/hw-sim'
import { Rmm } from '@mica/rmm'
import { type ConstructionStep, RMI_HASH_SHA_256, RMI_REC_FLAG_RUNNABLE } from '@mica/rmm/abi'
import { GranulePool, NormalWorld, RealmBuilder, type RealmPlan } from '../src/index.ts'

const MIB = 0x10_0000
export const RAM = 2 ** 37

/** A machine of 16 MiB with the real monitor, whose Realms run `program`. */
export function testMachine(program: ScriptedProgram = waitForever, events?: EventSink) {
  return machineOf(() => program, events)
}

/** As {@link testMachine}, where each REC runs what `choose` says. */
export function machineOf(choose: (start: GuestStart) => ScriptedProgram, events?: EventSink) {
  const machine = new Machine({
    seed: new Uint8Array(32),
    dram: { base: 0x8000_0000, size: 16 * MIB },
    guests: scriptedGuests(choose),
    ...(events === undefined ? {} : { events }),
  })
  new Rmm(machine)
  const world = new NormalWorld(machine)
  const pool = new GranulePool(world.dram)
  return { machine, world, pool, builder: new RealmBuilder(world, pool) }
}

export const waitForever: ScriptedProgram = function* (cpu) {
  for (;;) yield* cpu.wfi()
}

/** A Realm of two granules of RAM and one REC. */
export const smallRealm: readonly ConstructionStep[] = [
  { op: 'realm-create', params: { flags: 0n, s2sz: 39, num_bps: 1, num_wps: 1, hash_algo: RMI_HASH_SHA_256 } },
  { op: 'rtt-init-ripas', base: RAM, top: RAM + 0x2000, level: 3 },
  { op: 'data-create', ipa: RAM, content: new Uint8Array(4096).fill(7), measured: true },
  { op: 'data-create-unknown', ipa: RAM + 0x1000 },
  { op: 'rec-create', params: { flags: RMI_REC_FLAG_RUNNABLE, pc: BigInt(RAM) } },
]

export const planOf = (changes: Partial<RealmPlan> = {}): RealmPlan => {
  return { steps: smallRealm, policyGranules: 1, shared: [], unprotected: [], ...changes }
}
