import type { Worker } from 'node:worker_threads'
import { beforeAll, describe, expect, test } from 'vitest'
import { spawnModuleWorker } from '../../../src/pe/node-worker.ts'

/** What `locked-down-worker.ts` finds after lockdown. */
export interface Findings {
  readonly notFrozen: readonly string[]
  readonly mutated: readonly string[]
  readonly constructible: boolean
  readonly nanosecondsPerStore: number
}

let findings: Findings

beforeAll(async () => {
  const worker: Worker = spawnModuleWorker(new URL('./locked-down-worker.ts', import.meta.url))
  findings = await new Promise<Findings>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  await worker.terminate()
})

describe('after a lockdown with fast freezing', () => {
  test('every primordial is frozen', () => {
    expect(findings.notFrozen).toEqual([])
  })

  test('assigning, defining, deleting, extending and changing a prototype all fail on the prototypes of arrays', () => {
    expect(findings.mutated).toEqual([])
  })

  test('the replacement of Object.freeze is no constructor and has no prototype property', () => {
    expect(findings.constructible).toBe(false)
  })

  test('a store into a typed array stays on the fast path', () => {
    // 30 ns without it on the machine it was found on, 1 ns with it.
    expect(findings.nanosecondsPerStore).toBeLessThan(10)
  })
})
