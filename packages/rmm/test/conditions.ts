import { expect, test } from 'vitest'
import { machineState } from '../lab/machine-state.ts'
import { packStatus, RMI_ERROR_INPUT, RMI_ERROR_RTT, RMI_SUCCESS } from '../src/abi/index.ts'
import type { ScriptedHost, ScriptedRec } from './scripted-host.ts'

export type Word = bigint | number

/** A machine in which the command would succeed with these arguments. */
export interface World {
  readonly host: ScriptedHost
  /** x1 on. Read when all conditions are arranged. */
  readonly args: readonly Word[]
  /** Members of the structure that the call reads, for conditions to change. */
  readonly members?: Record<string, unknown>
  /** Last preparations, with what conditions have arranged; writes the structure. */
  readonly finish?: () => void
}

/** A world in which a Realm makes the call. */
export interface GuestWorld extends World {
  readonly rec: ScriptedRec
}

/** One reason for which a command fails: what has to be changed in a good call, and what it answers then. */
export interface Condition<W extends World = World> {
  /** The specification's name of the condition, then the case of it. */
  readonly name: string
  /** Registers x1 on that make the condition hold; the others stay as in the good call. */
  readonly x?: Readonly<Record<number, Word | ((world: W) => Word)>>
  /** Or members of the structure that the call reads. */
  readonly members?: Readonly<Record<string, unknown>>
  /** Or a change of the world. */
  readonly arrange?: (world: W) => void
  /** Or the moment of the call, which this makes. */
  readonly moment?: (world: W, call: () => void) => void
  /** Names of later conditions, without the case, that cannot hold at the same time. */
  readonly excludes?: readonly string[]
  /** x0, and outputs from x1 on if there are any. */
  readonly expect: readonly Word[]
}

/** RMI_ERROR_RTT with the level reached, and outputs. */
export function rttError(level: number, ...outputs: readonly Word[]): readonly Word[] {
  return [packStatus(RMI_ERROR_RTT, level), ...outputs]
}

/** A page of the host's, in every test machine. */
export const HOST_PAGE = 0x8000_0000

/** The conditions of an argument that names a granule, which has to be in the right one of all states. */
export function granuleConditions<W extends World>(
  register: number,
  name: string,
  wrong: Readonly<Record<string, Word | ((world: W) => Word)>>,
  expect: readonly Word[] = [RMI_ERROR_INPUT],
): readonly Condition<W>[] {
  return [
    { name: `${name}_align`, x: { [register]: HOST_PAGE + 0x800 }, expect },
    { name: `${name}_bound: before DRAM`, x: { [register]: HOST_PAGE - 0x1000 }, expect },
    { name: `${name}_bound: no physical address`, x: { [register]: 2n ** 64n - 0x1000n }, expect },
    ...Object.entries(wrong).map(([what, at]) => ({ name: `${name}_state: ${what}`, x: { [register]: at }, expect })),
  ]
}

/**
 * Tests a command of the host's: that the good call succeeds with its outputs; that each failure condition, given in
 * order of priority, has its answer and changes nothing; and that the first case of each decides over the first case of
 * every later one that can hold with it.
 */
export function testRmi<W extends World>(
  fid: bigint,
  good: () => W,
  conditions: readonly Condition<W>[] = [],
  outputs: (world: W) => readonly Word[] = () => [],
): void {
  const caller: Caller<W> = {
    call({ host }, args, look) {
      look()
      const x = host.smc(fid, ...args)
      look()
      return x
    },
  }
  testCommand(caller, good, conditions, (world) => [RMI_SUCCESS, ...outputs(world)])
}

/**
 * The same of a call of a Realm's, which goes on after it, without an exit, whatever the answer.
 *
 * @param answer x0 on of the good call.
 */
export function testGuestCall<W extends GuestWorld>(
  fid: bigint,
  good: () => W,
  conditions: readonly Condition<W>[],
  answer: (world: W) => readonly Word[],
): void {
  testCommand(guest(fid), good, conditions, answer)
}

/** The same where the good call leads to an exit; that is tested elsewhere. */
export function testGuestErrors<W extends GuestWorld>(
  fid: bigint,
  good: () => W,
  conditions: readonly Condition<W>[],
): void {
  testFailures(guest(fid), good, conditions)
}

/** Who makes calls. */
interface Caller<W extends World> {
  /** Makes a call with registers x1 on, looks immediately before and after, and returns x0 on. */
  call(world: W, args: readonly Word[], look: () => void): readonly bigint[]
  /** What changes with every call of this caller's: its own registers. */
  readonly registers?: RegExp
}

function guest<W extends GuestWorld>(fid: bigint): Caller<W> {
  return {
    call({ rec }, args, look) {
      const { value, exits } = rec.perform(function* (cpu) {
        look()
        const x = yield* cpu.smc([fid, ...args.map(BigInt)])
        look()
        return x.slice(0, args.length + 1)
      })
      expect(exits.length, 'the guest goes on until it waits of its own will').toBe(1)
      return value!
    },
    registers: /^monitor\.recs\.\d+\.guest\./,
  }
}

function testCommand<W extends World>(
  caller: Caller<W>,
  good: () => W,
  conditions: readonly Condition<W>[],
  success: (world: W) => readonly Word[],
): void {
  test('succeeds when no condition holds', () => {
    const world = good()
    const { args, x } = attempt(caller, world, [])
    expect(x).toEqual(registersAfter(args, success(world)))
  })
  if (conditions.length > 0) testFailures(caller, good, conditions)
}

function testFailures<W extends World>(caller: Caller<W>, good: () => W, conditions: readonly Condition<W>[]): void {
  test.each(conditions.map((condition) => [condition.name, condition] as const))('fails: %s', (_, condition) => {
    const { args, x, states } = attempt(caller, good(), [condition], observer(caller.registers))
    expect(x).toEqual(registersAfter(args, condition.expect))
    expect(states[1]).toBe(states[0])
  })

  const pairs = [...combinations(conditions)]
  if (pairs.length === 0) return
  test('an earlier condition decides over every later one', () => {
    for (const [first, second] of pairs) {
      const { args, x } = attempt(caller, good(), [first, second])
      expect(x, `${first.name}, and ${second.name}`).toEqual(registersAfter(args, first.expect))
    }
  })
}

/** Tells the state of a machine, but for some lines. */
function observer(exception: RegExp | undefined): (host: ScriptedHost) => string {
  return (host) => machineState(host, exception)
}

/** Makes the call with some conditions holding. `observe` tells the state of the machine, before and after. */
function attempt<W extends World>(
  caller: Caller<W>,
  world: W,
  conditions: readonly Condition<W>[],
  observe: (host: ScriptedHost) => string = () => '',
): { args: readonly Word[]; x: readonly bigint[]; states: readonly string[] } {
  for (const { arrange, members } of conditions) {
    arrange?.(world)
    if (members !== undefined) Object.assign(world.members!, members)
  }
  world.finish?.()
  const args = [...world.args]
  while (args.length < ARGUMENTS) args.push(UNUSED)
  for (const [register, value] of conditions.flatMap(({ x }) => Object.entries(x ?? {}))) {
    args[Number(register) - 1] = typeof value === 'function' ? value(world) : value
  }
  const states: string[] = []
  let x: readonly bigint[] = []
  const make = () => {
    x = caller.call(world, args, () => states.push(observe(world.host)))
  }
  const moment = conditions.find((condition) => condition.moment !== undefined)?.moment
  if (moment === undefined) make()
  else moment(world, make)
  return { args, x, states }
}

/** x1 to x8; a caller leaves something in those that are no arguments, which must neither matter nor change. */
const ARGUMENTS = 8
const UNUSED = 0x5a5a_5a5a_5a5a_5a5an

/** x0 on after a call: x1 to x3 are zero if they are not outputs, x4 and up keep what the caller had there. */
function registersAfter(args: readonly Word[], [x0, ...outputs]: readonly Word[]): readonly bigint[] {
  const kept = args.map((arg, index) => outputs[index] ?? (index < 3 ? 0 : arg))
  return [x0!, ...kept].map((word) => BigInt.asUintN(64, BigInt(word)))
}

/** Pairs of conditions, each by its first case, that can hold together and have different answers. */
function* combinations<W extends World>(
  conditions: readonly Condition<W>[],
): Generator<readonly [first: Condition<W>, second: Condition<W>]> {
  const kinds = conditions.map((condition) => `${idOf(condition)} ${condition.expect}`)
  const firsts = conditions.filter((_, index) => kinds.indexOf(kinds[index]!) === index)
  for (const [index, first] of firsts.entries()) {
    const later = firsts.slice(index + 1)
    const excluded = (first.excludes ?? []).flatMap((start) => {
      const found = later.filter((condition) => idOf(condition) === start)
      if (found.length === 0) throw new Error(`no condition after ${first.name} is called ${start}`)
      return found
    })
    for (const second of later) {
      if (!excluded.includes(second) && canBeTold(first, second) && !changeTheSame(first, second)) yield [first, second]
    }
  }
}

/** The specification's name of a condition: what comes before the case. */
function idOf(condition: Pick<Condition, 'name'>): string {
  return condition.name.split(':')[0]!
}

/** Which of two conditions decided can be told only from different answers. */
function canBeTold<W extends World>(first: Condition<W>, second: Condition<W>): boolean {
  return first.expect.length !== second.expect.length || first.expect.some((word, i) => word !== second.expect[i])
}

function changeTheSame<W extends World>(first: Condition<W>, second: Condition<W>): boolean {
  const common = (a: object | undefined, b: object | undefined) => Object.keys(a ?? {}).some((key) => key in (b ?? {}))
  const bothMoments = first.moment !== undefined && second.moment !== undefined
  return bothMoments || common(first.x, second.x) || common(first.members, second.members)
}
