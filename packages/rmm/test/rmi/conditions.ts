import { expect, test } from 'vitest'
import { machineState } from '../mica/pipeline.ts'
import type { ScriptedHost } from '../scripted-host.ts'

/** One reason for which a command fails: what has to be changed in a good call, and what it answers then. */
export interface Condition {
  readonly name: string
  /** Registers x1 on that make the condition hold; the others stay as in the good call. */
  readonly x?: Readonly<Record<number, bigint | number>>
  /** Or a change of the world. */
  readonly arrange?: (world: World) => void
  readonly expect: readonly [status: number, index: number]
}

/** A machine in which the command would succeed with these arguments. */
export interface World {
  readonly host: ScriptedHost
  readonly args: readonly (bigint | number)[]
}

/**
 * Tests a command's failure conditions, given in order of priority: each alone, each together with every later one that
 * changes something else, and that failing changes nothing.
 */
export function testConditions(fid: bigint, good: () => World, conditions: readonly Condition[]): void {
  test('succeeds when no condition holds', () => {
    const { host, args } = good()
    expect(host.status(fid, ...args)).toEqual([0, 0])
  })

  test.each(conditions.map((condition) => [condition.name, condition] as const))('fails: %s', (_, condition) => {
    const world = good()
    const args = apply(world, [condition])
    const before = machineState(world.host)
    expect(world.host.status(fid, ...args)).toEqual(condition.expect)
    expect(machineState(world.host)).toBe(before)
  })

  test('an earlier condition decides over every later one', () => {
    for (const [index, first] of conditions.entries()) {
      for (const second of conditions.slice(index + 1)) {
        if (overlap(first, second)) continue
        const world = good()
        const args = apply(world, [first, second])
        expect(world.host.status(fid, ...args), `${first.name}, ${second.name}`).toEqual(first.expect)
      }
    }
  })
}

function overlap(first: Condition, second: Condition): boolean {
  return Object.keys(first.x ?? {}).some((register) => register in (second.x ?? {}))
}

function apply(world: World, conditions: readonly Condition[]): (bigint | number)[] {
  const args = [...world.args]
  for (const { x, arrange } of conditions) {
    arrange?.(world)
    for (const [register, value] of Object.entries(x ?? {})) args[Number(register) - 1] = value
  }
  return args
}
