import type { Report } from '../diagnostic.ts'
import type { Program } from '../elaborate/program.ts'

/** A rule about programs. It reports what breaks the rule and never throws. */
export type Check = (program: Program, report: Report) => void
