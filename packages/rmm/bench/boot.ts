import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Machine } from '@mica/hw-sim'
import { Rmm } from '../src/index.ts'
import type { BenchRow } from './delegate.ts'

const GIBIBYTE = 2 ** 30
const MEGABYTE = 1e6
const ASKED = '--boot-1-GiB'

/** Measures booting a machine with 1 GiB of DRAM, in a process of its own: time, and memory that is resident then. */
export function rows(): readonly BenchRow[] {
  const file = fileURLToPath(import.meta.url)
  const output = execFileSync(process.execPath, [...process.execArgv, file, ASKED], { encoding: 'utf8' })
  const [ms, megabytes] = JSON.parse(output) as [number, number]
  return [
    { name: 'machine.boot_1GiB_ms', value: ms, unit: 'ms' },
    { name: 'machine.boot_1GiB_rss_MB', value: megabytes, unit: 'MB' },
  ]
}

function boot(): [ms: number, megabytes: number] {
  const start = performance.now()
  const machine = new Machine({ seed: new Uint8Array(32), dram: { base: 0x8000_0000, size: GIBIBYTE } })
  new Rmm(machine)
  const ms = performance.now() - start
  return [Number(ms.toFixed(1)), Math.round(process.memoryUsage.rss() / MEGABYTE)]
}

if (process.argv.includes(ASKED)) console.log(JSON.stringify(boot()))
