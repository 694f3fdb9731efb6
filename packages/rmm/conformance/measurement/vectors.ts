import {
  address,
  bytes,
  count,
  isObject,
  list,
  members,
  oneOf,
  record,
  register,
  type Shape,
  text,
  tuple,
} from '../shape.ts'

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

/** What a page holds; {@link contentOf} knows the kinds. A number that is left out is zero. */
export type Content =
  | { readonly kind: 'fill'; readonly byte?: number }
  | { readonly kind: 'counter8' | 'u32le_counter'; readonly start?: number }
  | { readonly kind: 'lcg'; readonly seed?: number }
  | { readonly kind: 'ascii'; readonly text: string }

/** Recorded calls of RSI_MEASUREMENT_EXTEND in one new Realm. */
export interface RemVector {
  readonly hash_algo?: 'sha-256' | 'sha-512'
  readonly steps: readonly RemStep[]
}

export interface RemStep {
  readonly index: number
  readonly size: number
  readonly x3_x10: readonly string[]
  readonly rsi_status: number
  /** RIM and REMs afterwards. */
  readonly measurements_after: readonly string[]
}

export interface MeasurementVectors {
  readonly vectors?: readonly RimVector[]
  readonly rem_extend?: readonly RemVector[]
}

const PAGE = 4096
const hashAlgorithm = oneOf('sha-256', 'sha-512')

/** The shape of an object that says of which kind it is in one of its members. */
function byKind(member: string, kinds: Readonly<Record<string, Shape>>): Shape {
  return (value, path) => {
    if (!isObject(value)) return `${path} is no object`
    const kind = value[member]
    if (typeof kind === 'string' && Object.hasOwn(kinds, kind)) return kinds[kind]!(value, path)
    return `${path}.${member} is none that is known`
  }
}

const content = byKind('kind', {
  fill: members({}, { byte: count }),
  counter8: members({}, { start: count }),
  u32le_counter: members({}, { start: count }),
  lcg: members({}, { seed: count }),
  ascii: members({ text }),
})

const rim = { rim: bytes }

const rimStep = byKind('op', {
  REALM_CREATE: members(rim),
  REALM_ACTIVATE: members(rim),
  RTT_INIT_RIPAS: members({ ...rim, base: address, top: address, top_out: address, walk_level: count }),
  DATA_CREATE: members({ ...rim, ipa: address, flags: count, content }),
  DATA_CREATE_UNKNOWN: members({ ...rim, ipa: address }),
  REC_CREATE: members({ ...rim, mpidr: register, flags: register, pc: register, gprs: list(register) }),
})

const rimVector = members({
  name: text,
  platform_cfg: record(register),
  hash_algo: hashAlgorithm,
  realm_params_chunks: list(tuple(address, bytes)),
  steps: list(rimStep),
})

const remStep = members({
  index: count,
  size: count,
  x3_x10: list(register),
  rsi_status: count,
  measurements_after: tuple(bytes, bytes, bytes, bytes, bytes),
})

/** What measurement vectors look like. */
export const MEASUREMENT_VECTORS: Shape = members(
  {},
  { vectors: list(rimVector), rem_extend: list(members({ steps: list(remStep) }, { hash_algo: hashAlgorithm })) },
)

/** The 4096 bytes that a content description stands for. */
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
      page.set(new TextEncoder().encode(content.text).subarray(0, PAGE))
      return page
  }
}

/** The params page of a vector. */
export function paramsPage({ realm_params_chunks }: RimVector): Uint8Array {
  const page = new Uint8Array(PAGE)
  for (const [offset, hex] of realm_params_chunks) {
    const bytes = Buffer.from(hex, 'hex')
    if (Number(offset) + bytes.length <= PAGE) page.set(bytes, Number(offset))
  }
  return page
}
