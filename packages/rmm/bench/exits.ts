import { createRegisters } from '@mica/hw-sim'
import { RMI_REC_ENTER, RSI_HOST_CALL, RSI_VERSION } from '../src/abi/index.ts'
import { uploadAlone } from '../test/mica/pipeline.ts'
import { type Job, RAM, ScriptedHost, type ScriptedRealm } from '../test/scripted-host.ts'
import type { BenchRow } from './delegate.ts'

/** Exits between two looks at the clock, and how often each machine gets its turn. */
const EXITS = 50
const TURNS = 600

/** What a guest does for ever; each round of it is one exit to the host. */
const PROGRAMS: Readonly<Record<string, Job<void>>> = {
  *wait(cpu) {
    for (;;) yield* cpu.wfi()
  },
  *hostCall(cpu) {
    for (;;) yield* cpu.smc([RSI_HOST_CALL, BigInt(RAM)])
  },
  *answeredCallAndWait(cpu) {
    for (;;) {
      yield* cpu.smc([RSI_VERSION, 0x1_0000n])
      yield* cpu.wfi()
    }
  },
}

/**
 * Measures what the extension adds to an exit, entry included: of a Realm without a policy against a monitor without the
 * extension, and of one with a policy that allows the exit against the same Realm without. Machines take turns, a few
 * dozen exits each, so that what slows the computer down slows all; of every machine the best turn counts. Of the kinds
 * of exits the mean counts without a policy, where all go the same way, and the worst with one: a scrubbed exit has less to
 * tell, and is faster than any.
 */
export function rows(): readonly BenchRow[] {
  const kinds = Object.values(PROGRAMS).map((program) => {
    const machines = [entering(program, 'base'), entering(program, 'extension'), entering(program, 'policy')]
    const turns = machines.map((): number[] => [])
    for (let turn = 0; turn < TURNS; turn++) {
      for (let i = 0; i < machines.length; i++) {
        // Whoever goes first goes last the next time.
        const machine = (i + turn) % machines.length
        turns[machine]!.push(enterMany(machines[machine]!))
      }
    }
    return turns.map((times) => Math.min(...times))
  })
  const extra = kinds.map(([base, extension, policy]) => [extension! - base!, policy! - extension!] as const)
  const without = extra.reduce((sum, [overhead]) => sum + overhead, 0) / extra.length
  return [
    { name: 'exit.ns', value: Math.round(Math.min(...kinds.map(([base]) => base!))), unit: 'ns' },
    { name: 'exit.overhead_ns', value: Math.round(without), unit: 'ns' },
    { name: 'exit.policy_overhead_ns', value: Math.round(Math.max(...extra.map(([, more]) => more))), unit: 'ns' },
  ]
}

/** Nanoseconds of one exit, on average of a turn. */
function enterMany(enter: () => void): number {
  const start = performance.now()
  for (let i = 0; i < EXITS; i++) enter()
  return ((performance.now() - start) * 1e6) / EXITS
}

/** A machine whose one Realm runs a program for ever, and what enters it once. */
function entering(program: Job<void>, kind: 'base' | 'extension' | 'policy'): () => void {
  const host = new ScriptedHost({ mica: kind !== 'base', keepsEvents: false })
  const realm = kind === 'policy' ? withPolicy(host) : host.createRealm()
  realm.begin(program)
  const { machine } = host
  const x = createRegisters()
  return () => {
    x[0] = RMI_REC_ENTER
    x[1] = BigInt(realm.rec)
    x[2] = BigInt(realm.run)
    machine.smc(x)
    if (x[0] !== 0n) throw new Error('the benchmark does not measure what it should')
  }
}

/** A Realm whose policy allows the calls that these programs make. */
function withPolicy(host: ScriptedHost): ScriptedRealm {
  return uploadAlone(host.createRealm({ policyGranules: 1 }), ({ transitions }) => {
    const id = Number(RSI_HOST_CALL)
    transitions.push({ peer: 0, class: 'call', action: 'allow', ranges: [[id, id]] })
  })
}
