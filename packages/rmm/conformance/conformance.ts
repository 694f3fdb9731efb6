import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkMeasurements } from './measurement/check-measurements.ts'
import { type Outcome, oneLine } from './outcome.ts'
import { isObject } from './shape.ts'
import { checkTokens } from './token/check-tokens.ts'
import { checkTrace } from './trace/check-trace.ts'
import type { ReplayOptions } from './trace/replay.ts'

export interface ConformanceOptions {
  /** Whether the monitor has the Mica extension. */
  readonly mica: boolean
}

/** A file, and what came of it. */
export interface FileOutcome extends Outcome {
  /** Path from the folder. */
  readonly file: string
}

/** The project's own copy of some recordings. */
export const OWN_VECTORS: string = fileURLToPath(new URL('./vectors', import.meta.url))

/** Checks every recording below a folder, one by one; files that only list or discuss recordings are passed over. */
export function* checkFolder(folder: string, options: ConformanceOptions): Generator<FileOutcome> {
  const files = filesBelow(folder)
  const traceOptions: ReplayOptions = { ...options, platformToken: platformTokenFor(folder, files) }
  for (const file of files.filter((each) => each.endsWith('.json'))) {
    const outcome = checkFile(folder, file, traceOptions)
    if (outcome !== undefined) yield { file, ...outcome }
  }
}

/** The platform token of the recorded machine: the folder's, or else the project's own copy. */
function platformTokenFor(folder: string, files: readonly string[]): Uint8Array {
  const file = files.find((each) => basename(each) === 'platform-token.cbor')
  const path = file === undefined ? join(OWN_VECTORS, 'tokens/platform-token.cbor') : join(folder, file)
  return Uint8Array.from(readFileSync(path))
}

function checkFile(folder: string, file: string, options: ReplayOptions): Outcome | undefined {
  try {
    const json: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    switch (kindOf(json)) {
      case 'trace':
        return checkTrace(json, options)
      case 'measurements':
        return checkMeasurements(json)
      case 'tokens':
        return checkTokens(json, dirname(join(folder, file)))
      case 'about':
        return undefined
      case 'unknown':
        return { tallies: {}, problem: 'is no trace, no measurement vectors and no token descriptions' }
    }
  } catch (error) {
    return { tallies: {}, problem: oneLine(error) }
  }
}

/** Everything below a folder, by its path from there, in one order. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
}

/** What the JSON in a file is, by the member that only its kind has. */
function kindOf(json: unknown): 'trace' | 'measurements' | 'tokens' | 'about' | 'unknown' {
  if (!isObject(json)) return 'unknown'
  if ('semantic_differences' in json || 'traces' in json) return 'about'
  if ('vectors' in json || 'rem_extend' in json) return 'measurements'
  if ('tokens' in json) return 'tokens'
  return 'calls' in json || 'n_calls' in json ? 'trace' : 'unknown'
}
