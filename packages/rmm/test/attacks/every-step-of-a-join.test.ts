import { encodeBlob } from '@mica/policy'
import { expect, test } from 'vitest'
import { brokenInvariants } from '../../lab/invariants.ts'
import {
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_GRANULE_DELEGATE,
  RMI_REALM_ACTIVATE,
  RMI_REALM_PD,
  RMI_SGT,
  RSI_UPLOAD_POLICY,
} from '../../src/abi/index.ts'
import { type Job, RAM, ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'
import { LINK, LINK_GRANULE, policyOf, rightsAt, SECRET, type Sketch } from './arena.ts'

// The host drops, repeats, moves and misdirects every command of a join, one at a time, at every place of the sequence.
// What comes out is the join that the policies describe, or less. Nothing else, whatever the host does.

type Side = 'left' | 'right'
type Step =
  | { readonly kind: 'rmi'; readonly fid: bigint; readonly args: readonly number[] }
  | { readonly kind: 'enter'; readonly side: Side }

/** Two Realms that are built but not active, and the steps of their join as an honest host takes them. */
interface Scene {
  readonly host: ScriptedHost
  readonly sides: Readonly<Record<Side, ScriptedRealm>>
  readonly steps: readonly Step[]
  /** What right has read from the channel. */
  readonly read: ReadonlySet<bigint>
}

/** Times that a guest tries before it gives up; after each it waits for an interrupt. */
const TRIES = 3

function scene(): Scene {
  const host = new ScriptedHost({ dramSize: 0x20_0000 })
  const [left, right] = [1, 2].map((image) => host.createRealm({ image, activate: false, ramPages: 4 }))
  const sides = { left: left!, right: right! }
  const [sgt, granule, leftPd, rightPd] = [host.page(), host.page(), host.page(), host.page()]
  const read = new Set<bigint>()
  const blob = (self: Side): Uint8Array => encodeBlob(policyOf(agreement(self, sides)))
  sides.left.queue.push({ job: joinAnd(blob('left'), (cpu) => cpu.store64(LINK, SECRET)), done: false })
  const reading: Job<void> = function* (cpu) {
    read.add(yield* cpu.load64(LINK))
  }
  sides.right.queue.push({ job: joinAnd(blob('right'), reading), done: false })
  const rmi = (fid: bigint, ...args: number[]): Step => ({ kind: 'rmi', fid, args })
  const steps: Step[] = [
    rmi(RMI_GRANULE_DELEGATE, sgt!),
    rmi(RMI_SGT, sgt!),
    ...[granule, leftPd, rightPd].map((page) => rmi(RMI_GRANULE_DELEGATE, page!)),
    rmi(RMI_REALM_PD, left!.rd, leftPd!),
    rmi(RMI_DATA_CREATE_UNKNOWN_SHARED, left!.rd, granule!, LINK),
    rmi(RMI_REALM_ACTIVATE, left!.rd),
    { kind: 'enter', side: 'left' },
    rmi(RMI_REALM_PD, right!.rd, rightPd!),
    rmi(RMI_DATA_CREATE_UNKNOWN_SHARED, right!.rd, granule!, LINK),
    rmi(RMI_REALM_ACTIVATE, right!.rd),
    { kind: 'enter', side: 'right' },
    { kind: 'enter', side: 'left' },
    { kind: 'enter', side: 'right' },
  ]
  return { host, sides, steps, read }
}

const agreement = (self: Side, { left, right }: Scene['sides']): Sketch => ({
  self,
  peers: { left: { rim: left.rim }, right: { rim: right.rim } },
  memories: { link: { at: LINK_GRANULE, rights: { left: 'w', right: 'r' } } },
})

/** A guest that uploads its policy until it is in force, and then does something in the channel; whatever fails, it goes on. */
function joinAnd(blob: Uint8Array, then: Job<void>): Job<void> {
  return function* (cpu) {
    yield* cpu.store(RAM, blob)
    for (let attempt = 0; attempt < TRIES; attempt++) {
      yield* cpu.smc([RSI_UPLOAD_POLICY, BigInt(RAM), BigInt(blob.length)])
      try {
        yield* then(cpu)
      } catch (error) {
        if (!(error instanceof Error && error.name === 'SynchronousExternalAbort')) throw error
      }
      yield* cpu.wfi()
    }
  }
}

function take({ host, sides }: Scene, step: Step): void {
  if (step.kind === 'rmi') host.status(step.fid, ...step.args)
  else sides[step.side].enter()
}

/** A step that names one Realm, as if it were for the other. */
function misdirected(step: Step, { left, right }: Scene['sides']): Step {
  if (step.kind === 'enter') return { kind: 'enter', side: step.side === 'left' ? 'right' : 'left' }
  const swap = (arg: number): number => (arg === left.rd ? right.rd : arg === right.rd ? left.rd : arg)
  return { ...step, args: step.args.map(swap) }
}

type Edit = (scene: Scene) => readonly Step[]

const without = (index: number): Edit => {
  return ({ steps }) => steps.filter((_, at) => at !== index)
}
/** Step `index` once more, before step `place`. */
const again = (index: number, place: number): Edit => {
  return ({ steps }) => steps.toSpliced(place, 0, steps[index]!)
}
const moved = (index: number, place: number): Edit => {
  return ({ steps }) => steps.toSpliced(index, 1).toSpliced(place, 0, steps[index]!)
}
const turned = (index: number): Edit => {
  return ({ steps, sides }) => steps.with(index, misdirected(steps[index]!, sides))
}

/** Lets both guests go on to their end, if the host has left them able to run at all. */
function letRun({ sides }: Scene): void {
  for (let entry = 0; entry <= 2 * TRIES; entry++) {
    for (const side of [sides.left, sides.right]) if (side.queue.length === 0) side.enter()
  }
}

/** Carries steps out, and checks that what came of them is allowed. */
function joinBy(edit: Edit): void {
  const played = scene()
  for (const step of edit(played)) take(played, step)
  letRun(played)
  const { host, sides, read } = played
  expect(brokenInvariants(host)).toEqual([])
  expect(readable(host).includes(Buffer.from(BigUint64Array.of(SECRET).buffer)), 'the host has the secret').toBe(false)
  expect([0n, SECRET]).toEqual(expect.arrayContaining([...read]))
  for (const [side, rights] of [
    ['left', 'w'],
    ['right', 'r'],
  ] as const) {
    const given = sides[side].realm.policy !== undefined
    expect(given ? [rights, '-'] : ['-']).toContain(rightsAt(sides[side], LINK))
  }
}

/** All memory that the host can read. */
function readable({ machine: { memory } }: ScriptedHost): Buffer {
  const granules = Array.from({ length: memory.granules }, (_, granule) => granule)
  return Buffer.concat(granules.filter((granule) => memory.isNonSecure(granule)).map((g) => memory.granuleBytes(g)))
}

const indices = [...scene().steps.keys()]
const pairs = indices.flatMap((index) => indices.map((place) => [index, place] as const))

test('a host that leaves out any step of a join gets the rest of it, or nothing', () => {
  for (const index of indices) joinBy(without(index))
})

test('a host that repeats any step of a join, at any time, changes nothing in what it comes to', () => {
  for (const [index, place] of pairs) joinBy(again(index, place))
})

test('a host that takes any step of a join at any other time gets the join, or less', () => {
  for (const [index, place] of pairs) joinBy(moved(index, place))
})

test('a host that takes any step of a join for the other Realm gets less, never more', () => {
  for (const index of indices) joinBy(turned(index))
})

test('control: the steps in order join the two, and right reads what left wrote', () => {
  const played = scene()
  for (const step of played.steps) take(played, step)
  letRun(played)
  expect([...played.read]).toContain(SECRET)
  expect([rightsAt(played.sides.left, LINK), rightsAt(played.sides.right, LINK)]).toEqual(['w', 'r'])
})

test('control: each step but the last entry of a Realm is needed for that', () => {
  const needed = indices.map((index) => {
    const played = scene()
    for (const step of without(index)(played)) take(played, step)
    return !played.read.has(SECRET)
  })
  expect(needed.filter(Boolean).length).toBeGreaterThan(indices.length / 2)
})
