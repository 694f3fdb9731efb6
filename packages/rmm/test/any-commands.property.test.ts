import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildRealm } from '../fuzz/build-realm.ts'
import { type Chooser, ListedChooser, SeededChooser } from '../fuzz/chooser.ts'
import { FuzzWorld } from '../fuzz/fuzz-world.ts'
import { generate } from '../fuzz/generate.ts'
import { Pools } from '../fuzz/pools.ts'
import { ALL_CHECKS } from '../fuzz/run.ts'
import type { Step } from '../fuzz/step.ts'
import type { GranuleModel } from '../lab/model.ts'

/** What a host, its Realms and other PEs do in one turn: whatever these decisions lead to on the machine as it is. */
class Turn implements fc.Command<GranuleModel, FuzzWorld> {
  readonly #decisions: readonly number[]
  #steps: readonly Step[] = []

  constructor(decisions: readonly number[]) {
    this.#decisions = decisions
  }

  check(): boolean {
    return true
  }

  run(_: GranuleModel, world: FuzzWorld): void {
    this.#steps = []
    for (const step of generate(new ListedChooser(this.#decisions), world)) {
      this.#steps = [...this.#steps, step]
      expect(world.run(step, ALL_CHECKS)).toBeUndefined()
    }
  }

  toString(): string {
    return this.#steps.map((step) => JSON.stringify(step)).join('\n')
  }
}

/** 256 granules. */
const DRAM_SIZE = 0x10_0000

/** A machine with a Realm that runs and, often, a second one. */
function populated(mica: boolean, decisions: Chooser): FuzzWorld {
  const world = new FuzzWorld({ mica, dramSize: DRAM_SIZE })
  for (let realms = 1 + decisions.below(2); realms > 0; realms--) {
    for (const step of buildRealm(decisions, new Pools(decisions, world))) {
      expect(world.run(step, { state: false, invariants: false })).toBeUndefined()
    }
  }
  return world
}

const turns = fc.commands([fc.array(fc.nat(), { minLength: 12, maxLength: 40 }).map((list) => new Turn(list))], {
  maxCommands: 40,
})

test.each([
  ['without the extension', false],
  ['with the extension', true],
])(
  '%s, whatever is called from where: nothing throws, no granule is lost, and a failure changes nothing',
  (_, mica) => {
    fc.assert(
      fc.property(fc.nat(), turns, (seed, commands) => {
        fc.modelRun(() => {
          const world = populated(mica, new SeededChooser(seed))
          return { model: world.model, real: world }
        }, commands)
      }),
      { numRuns: 12 },
    )
  },
)
