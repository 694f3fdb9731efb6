import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A recorded run of real firmware; the schema is in the README beside the recordings. */
export interface Trace {
  readonly name: string
  readonly platform_cfg: Readonly<Record<string, string>>
  readonly calls: readonly TraceCall[]
}

export interface TraceCall {
  readonly i: number
  readonly name: string
  readonly fid: string
  readonly mem?: readonly MemoryEvent[]
  readonly args: readonly string[]
  readonly ret: readonly string[]
  readonly granules?: readonly { readonly addr: string; readonly state: string }[]
  readonly realms?: Readonly<
    Record<string, { readonly state?: string; readonly rim?: string; readonly rem?: readonly string[] }>
  >
  readonly realm_program?: readonly string[]
  readonly realm?: readonly RealmStep[]
  readonly exit?: Readonly<Record<string, string | readonly string[]>>
  readonly readback?: {
    readonly addr: string
    readonly hex?: string
    readonly fill?: number
    readonly chunks?: readonly (readonly [offset: string, hex: string])[]
  }
  readonly note?: string
}

export interface MemoryEvent {
  readonly addr: string
  readonly size?: number
  readonly chunks?: readonly (readonly [offset: string, hex: string])[]
  readonly fill?: number
  readonly pas_fault?: boolean
}

/** One entry into the recorded guest. */
export interface RealmStep {
  readonly pc: string
  readonly in: readonly string[]
  readonly esr_el1?: string
  readonly act: string
}

/** Where recordings are looked for: named by the environment, or beside the project. */
export const TRACE_FOLDER: string =
  process.env['MICA_FIRMWARE_TRACES'] ??
  fileURLToPath(new URL('../../../../../shared/vectors/rmm/traces', import.meta.url))

/** Every recording of the folder; none if there is no folder. */
export function readTraces(folder: string = TRACE_FOLDER): readonly Trace[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')))
}

/** The platform token of the recorded machine, beside the folder. */
export function readPlatformToken(folder: string = TRACE_FOLDER): Uint8Array | undefined {
  const file = `${folder}/../tokens/platform-token.cbor`
  return existsSync(file) ? Uint8Array.from(readFileSync(file)) : undefined
}
