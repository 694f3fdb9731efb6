import {
  createRegisters,
  type Guest,
  Machine,
  type MachineOptions,
  type ScriptedCpu,
  type ScriptedProgram,
  scriptedGuests,
} from '../../src/index.ts'
import { IMAGE, imageGuest, SEED } from '../image-machine.ts'
import { enter, nameOf } from '../monitor.ts'
import { BASE, RealmMemory } from '../realm-memory.ts'

/** A PE instruction by name, with its operands. */
export type Step =
  | readonly ['load32' | 'load64', ipa: number]
  | readonly ['store32', ipa: number, value: number]
  | readonly ['store64', ipa: number, value: bigint]
  | readonly ['load', ipa: number, length: number]
  | readonly ['mrs', name: string]
  | readonly ['msr', name: string, value: bigint]
  | readonly ['wfi' | 'wfe']

/** Codes of what a step came to, in x0 of the call that follows it; its value is in x1. */
const OUTCOMES: readonly string[] = ['done', 'SynchronousExternalAbort', 'UndefinedInstruction', 'SErrorInterrupt']

/** A guest that executes steps and tells what each came to. */
export interface SteppingGuest {
  readonly guest: Guest
  readonly machine: Machine
  stop(): Promise<void>
}

/** Starts a guest of either kind; it has nothing mapped but, in one case, its image. */
export const KINDS: readonly (readonly [
  string,
  (steps: readonly Step[], options?: Partial<MachineOptions>) => SteppingGuest,
])[] = [
  ['a scripted guest', startScripted],
  ['an image guest', startImage],
]

/** What a step came to, read from the call that tells it. */
export function outcomeOf(guest: Guest): { outcome: string | undefined; value: bigint } {
  return { outcome: OUTCOMES[Number(guest.x[0])], value: guest.x[1]! }
}

/** Enters until the guest tells what the next step came to; fails if it does anything else. */
export function nextOutcome(guest: Guest): { outcome: string | undefined; value: bigint } {
  const exit = nameOf(enter(guest))
  if (exit !== 'smc') throw new Error(`unexpected exit ${exit}`)
  return outcomeOf(guest)
}

function startScripted(steps: readonly Step[], options: Partial<MachineOptions> = {}): SteppingGuest {
  const guests = scriptedGuests(() => scriptedProgram(steps))
  const machine = new Machine({ seed: SEED, dram: { base: BASE, size: 0x40_0000 }, ...options, guests })
  const { root } = new RealmMemory(machine.memory)
  return {
    guest: machine.guests({ rec: '0x1', stage2: root, pc: BigInt(IMAGE), gprs: [] }),
    machine,
    stop: () => machine.stop(),
  }
}

function scriptedProgram(steps: readonly Step[]): ScriptedProgram {
  return function* (cpu) {
    for (const step of steps) {
      const told = createRegisters().subarray(0, 2)
      try {
        const value = yield* execute(cpu, step)
        told[1] = typeof value === 'bigint' || typeof value === 'number' ? BigInt(value) : 0n
      } catch (error) {
        told[0] = BigInt(OUTCOMES.indexOf((error as Error).name))
      }
      yield* cpu.smc([...told])
    }
    for (;;) yield* cpu.wfi()
  }
}

function execute(cpu: ScriptedCpu, step: Step) {
  const instruction = Reflect.get(cpu, step[0]) as (...operands: unknown[]) => ReturnType<ScriptedCpu['mrs']>
  return Reflect.apply(instruction, cpu, step.slice(1))
}

function startImage(steps: readonly Step[], options: Partial<MachineOptions> = {}): SteppingGuest {
  const { guest, machine } = imageGuest(
    `const steps = [${steps.map(source).join()}]
     const names = ${JSON.stringify(OUTCOMES)}
     for (const [name, ...operands] of steps) {
       let told
       try {
         const value = pe[name](...operands)
         told = [0n, typeof value === 'bigint' || typeof value === 'number' ? BigInt(value) : 0n]
       } catch (error) {
         told = [BigInt(names.indexOf(error.name)), 0n]
       }
       pe.smc(told)
     }
     () => pe.wfi()`,
    options,
  )
  return { guest, machine, stop: () => machine.stop() }
}

function source(step: Step): string {
  const operands = step.map((part) => (typeof part === 'bigint' ? `${part}n` : JSON.stringify(part)))
  return `[${operands.join()}]`
}
