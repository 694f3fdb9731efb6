import { existsSync, readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second, on every machine. */
const MS_PER_TICK = 10

/** Where the fields utime, stime, cutime and cstime stand after the name of the program, see proc(5). */
const [FIRST, LAST] = [11, 15]

/** Whether the time that processes use can be read here. */
export const hasCpuTimes: boolean = existsSync('/proc/self/stat')

/** Milliseconds of processors that these processes have used, and those that they started and that have ended. */
export function cpuTimeOf(processes: readonly number[]): number {
  return processes.map(ticksOf).reduce((sum, ticks) => sum + ticks, 0) * MS_PER_TICK
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name is in parentheses, and may hold any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(FIRST, LAST).reduce((sum, field) => sum + Number(field), 0)
}
