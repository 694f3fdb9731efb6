import { check, type Diagnostic } from '../src/index.ts'
import { compiledPaper } from './material/paper.ts'
import { pipelines } from './material/workflows.ts'

/** One measured figure. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
}

/** Measures checking workflows of growing size, and the blobs of the paper's three pipelines. */
export function rows(): readonly BenchRow[] {
  const small = milliseconds(() => checked(pipelines(64, 8)), 40)
  const large = milliseconds(() => checked(pipelines(1000, 32)), 8)
  const thousand = milliseconds(() => checked(pipelines(500, 32)), 8)
  const tenThousand = milliseconds(() => checked(pipelines(5000, 32)), 3)
  return [
    { name: 'dsl.check_64_peers_ms', value: small, unit: 'ms' },
    { name: 'dsl.check_1000_peers_ms', value: large, unit: 'ms' },
    { name: 'dsl.check_10000_channels_s', value: tenThousand / 1000, unit: 's' },
    { name: 'dsl.check_growth_exponent', value: Math.log10(tenThousand / thousand), unit: '' },
    { name: 'policy.blob_bytes_avg', value: averageBlob(), unit: 'bytes' },
  ]
}

function checked(source: string): void {
  failOn(check(source, { file: 'mesh.mica' }).diagnostics)
}

/** Over all policies of the paper's pipelines. */
function averageBlob(): number {
  const sizes = compiledPaper().flatMap(({ blobs, diagnostics }) => {
    failOn(diagnostics)
    return [...blobs.values()].map((blob) => blob.length)
  })
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length
}

function failOn(diagnostics: readonly Diagnostic[]): void {
  const [first] = diagnostics
  if (first !== undefined) throw new Error(`the benchmark is wrong: ${first.message}`)
}

/** The best of several rounds in milliseconds: the others were compiled, or disturbed by other programs. */
function milliseconds(round: () => void, rounds: number): number {
  let best = Number.POSITIVE_INFINITY
  for (let count = 0; count < rounds; count++) {
    const start = performance.now()
    round()
    best = Math.min(best, performance.now() - start)
  }
  return best
}
