import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { checkFolder } from '../conformance/conformance.ts'
import type { BenchRow } from './delegate.ts'

/** The whole recorded set: named by the environment, or beside the project. */
const WHOLE =
  process.env['MICA_RMM_VECTORS'] ?? fileURLToPath(new URL('../../../../shared/vectors/rmm', import.meta.url))

/** Measures how long all recordings take to replay; nothing where they are absent. */
export function rows(): readonly BenchRow[] {
  if (!existsSync(WHOLE)) return []
  const start = performance.now()
  for (const _ of checkFolder(WHOLE, { mica: false }));
  const seconds = (performance.now() - start) / 1000
  return [{ name: 'conformance.total_s', value: Number(seconds.toFixed(2)), unit: 's' }]
}
