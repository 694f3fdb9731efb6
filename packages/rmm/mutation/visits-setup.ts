/** Loaded before each file of tests: hands on which places, of those that `noteVisits` has marked, it has run. */
import { afterAll, beforeAll } from 'vitest'

declare global {
  var visitedPlaces: Set<number> | undefined
}

declare module 'vitest' {
  interface TaskMeta {
    /** Places that modules run when they are loaded, which happens once for all tests. */
    loaded?: readonly number[]
    /** Places that the tests of a file run. */
    visited?: readonly number[]
  }
}

globalThis.visitedPlaces = new Set()

// biome-ignore lint/correctness/noEmptyPattern: a runner that gives fixtures takes nothing but a pattern here
beforeAll(({}, file) => {
  file.meta.loaded = takeVisits()
})

// biome-ignore lint/correctness/noEmptyPattern: a runner that gives fixtures takes nothing but a pattern here
afterAll(({}, file) => {
  file.meta.visited = takeVisits()
})

function takeVisits(): readonly number[] {
  const visits = [...(globalThis.visitedPlaces ?? [])]
  globalThis.visitedPlaces = new Set()
  return visits
}
