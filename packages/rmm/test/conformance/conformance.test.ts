import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkFolder, OWN_VECTORS } from '../../conformance/conformance.ts'
import { allEqual, summary } from '../../conformance/outcome.ts'

/** The whole recorded set: named by the environment, or beside the project. */
const WHOLE =
  process.env['MICA_RMM_VECTORS'] ?? fileURLToPath(new URL('../../../../../shared/vectors/rmm', import.meta.url))

describe.each([
  ['the copy in the project', OWN_VECTORS],
  [existsSync(WHOLE) ? 'the whole recorded set' : `the whole recorded set (absent: ${WHOLE})`, WHOLE],
])('%s', (_, folder) => {
  const isThere = existsSync(folder)

  test.skipIf(!isThere)('is answered as recorded, call for call', () => {
    const outcomes = [...checkFolder(folder, { mica: false })]
    expect(outcomes.flatMap(({ file, problem }) => (problem === undefined ? [] : `${file}: ${problem}`))).toEqual([])
    expect(allEqual(outcomes)).toBe(true)
    const traces = readdirSync(`${folder}/traces`).length
    expect(summary(outcomes)).toMatch(new RegExp(`^conformance: traces ${traces}/${traces} calls `))
  })

  test.skipIf(!isThere)(
    'with the extension exactly one recorded call differs: the function that it adds to the recorded range',
    () => {
      const failures = [...checkFolder(folder, { mica: true })].filter(({ problem }) => problem !== undefined)
      expect(failures).toMatchObject([
        { file: 'traces/02-unknown-fids.json', tallies: { calls: { equal: 18, total: 19 } } },
      ])
      expect(failures[0]!.problem).toMatch(/^call 3 /)
    },
  )
})
