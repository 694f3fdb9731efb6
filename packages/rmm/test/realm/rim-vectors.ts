import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { TRACE_FOLDER } from '../firmware-traces/trace.ts'

/** A recorded construction of a Realm, with the RIM after every step. */
export interface RimVector {
  readonly name: string
  readonly platform_cfg: Readonly<Record<string, string>>
  readonly hash_algo: 'sha-256' | 'sha-512'
  readonly realm_params_chunks: readonly (readonly [offset: string, hex: string])[]
  readonly steps: readonly RimStep[]
}

export type RimStep = { readonly rim: string } & (
  | { readonly op: 'REALM_CREATE' | 'REALM_ACTIVATE' }
  | {
      readonly op: 'RTT_INIT_RIPAS'
      readonly base: string
      readonly top: string
      readonly top_out: string
      readonly walk_level: number
    }
  | { readonly op: 'DATA_CREATE'; readonly ipa: string; readonly flags: number; readonly content: Content }
  | { readonly op: 'DATA_CREATE_UNKNOWN'; readonly ipa: string }
  | {
      readonly op: 'REC_CREATE'
      readonly mpidr: string
      readonly flags: string
      readonly pc: string
      readonly gprs: readonly string[]
    }
)

export interface Content {
  readonly kind: string
  readonly byte?: number
  readonly start?: number
  readonly seed?: number
  readonly text?: string
}

export interface RemVectors {
  readonly steps: readonly {
    readonly index: number
    readonly size: number
    readonly x3_x10: readonly string[]
    readonly rsi_status: number
    readonly measurements_after: readonly string[]
  }[]
}

const whole = `${TRACE_FOLDER}/../rim-vectors.json`
const part = fileURLToPath(new URL('../vectors/rim-vectors.json', import.meta.url))
const file = JSON.parse(readFileSync(existsSync(whole) ? whole : part, 'utf8'))

export const RIM_VECTORS: readonly RimVector[] = file.vectors
export const REM_VECTORS: readonly RemVectors[] = file.rem_extend

const PAGE = 4096

/** The 4096 bytes that a content description stands for; the kinds are explained in the file. */
export function contentOf(content: Content): Uint8Array {
  const page = new Uint8Array(PAGE)
  switch (content.kind) {
    case 'fill':
      return page.fill(content.byte ?? 0)
    case 'counter8':
      return page.map((_, i) => (content.start ?? 0) + i)
    case 'u32le_counter': {
      const view = new DataView(page.buffer)
      for (let i = 0; i < PAGE / 4; i++) view.setUint32(i * 4, (content.start ?? 0) + i, true)
      return page
    }
    case 'lcg': {
      let x = content.seed ?? 0
      return page.map(() => {
        x = (Math.imul(x, 1664525) + 1013904223) >>> 0
        return x >>> 24
      })
    }
    case 'ascii':
      page.set(new TextEncoder().encode(content.text))
      return page
    default:
      throw new Error(`unknown content ${content.kind}`)
  }
}

/** The params page of a vector. */
export function paramsPage(vector: RimVector): Uint8Array {
  const page = new Uint8Array(PAGE)
  for (const [offset, bytes] of vector.realm_params_chunks) page.set(Buffer.from(bytes, 'hex'), Number(offset))
  return page
}
