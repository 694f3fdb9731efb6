import { LargeGroup } from '../test/mica/large-group.ts'
import type { BenchRow } from './delegate.ts'

/** Regions of 64 KiB to 64 MiB, in granules, and how often a join of each is measured: the best counts. */
const REGIONS: readonly (readonly [granules: number, rounds: number])[] = [
  [16, 40],
  [64, 30],
  [256, 20],
  [1024, 10],
  [4096, 6],
  [16_384, 4],
]

/** Regions above this, in granules, take longer than what an upload costs whatever it shares. */
const SMALL = 128

/**
 * Measures the upload with which a Realm joins another, over two regions of each size: validated granule by granule
 * against what the other holds, and opened. What an upload costs whatever it shares is a figure of its own, and taken off;
 * of what is left, the worst region counts. The exponent is that of the growth from 1 MiB to 64 MiB: 1 if it is linear.
 */
export function rows(): readonly BenchRow[] {
  const fixed = joinTime(1, 40)
  const joins = REGIONS.map(([region, rounds]) => {
    return { region, granules: 2 * region, us: Math.max(joinTime(region, rounds) - fixed, 0) }
  })
  const worst = Math.max(...joins.map(({ granules, us }) => us / granules))
  const large = joins.filter(({ region }) => region > SMALL)
  const exponent = slope(large.map(({ granules, us }) => [Math.log(granules), Math.log(us)] as const))
  return [
    { name: 'mica.join_us_per_granule', value: Number(worst.toFixed(3)), unit: 'us' },
    { name: 'mica.join_exponent', value: Number(exponent.toFixed(3)), unit: 'power' },
    { name: 'mica.join_fixed_us', value: Math.round(fixed), unit: 'us' },
  ]
}

/** Microseconds in which the second of two Realms joins the first, at best. */
function joinTime(channel: number, rounds: number): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const group = new LargeGroup({ members: 2, channel })
    group.upload(0)
    best = Math.min(best, group.upload(1) * 1000)
  }
  return best
}

/** The slope of the line through points that fits them best. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))]
  const covariance = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0)
  return covariance / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0)
}
