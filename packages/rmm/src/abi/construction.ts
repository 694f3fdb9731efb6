import {
  extendRimData,
  extendRimRec,
  extendRimRipas,
  type Hash,
  initialRim,
  RMI_MEASURE_CONTENT,
} from './measurement.ts'
import type { RmiRealmParams } from './realm-params.ts'
import type { RmiRecParams } from './rec-params.ts'

/**
 * One command of building a Realm, as far as its measurement is concerned: which memory the host takes for it, and
 * which translation tables it makes, does not count.
 */
export type ConstructionStep =
  | { readonly op: 'realm-create'; readonly params: Partial<RmiRealmParams> }
  /** [base, top) becomes RAM, entry by entry of an RTT at `level`. */
  | { readonly op: 'rtt-init-ripas'; readonly base: number; readonly top: number; readonly level: number }
  | {
      readonly op: 'data-create'
      readonly ipa: number
      /** 4096 bytes. */
      readonly content: Uint8Array
      readonly measured: boolean
    }
  | { readonly op: 'data-create-unknown'; readonly ipa: number }
  | { readonly op: 'rec-create'; readonly params: Partial<RmiRecParams> }

/**
 * The RIM of a Realm built by these steps in this order, computed without a machine.
 *
 * @param hash The function that `hash_algo` of the first step names.
 */
export function measureConstruction(steps: readonly ConstructionStep[], hash: Hash): Uint8Array {
  let rim: Uint8Array = new Uint8Array(hash(new Uint8Array(0)).length)
  for (const step of steps) rim = measureStep(rim, step, hash)
  return rim
}

function measureStep(rim: Uint8Array, step: ConstructionStep, hash: Hash): Uint8Array {
  switch (step.op) {
    case 'realm-create':
      return initialRim(step.params, hash)
    case 'rtt-init-ripas': {
      const size = 4096 * 512 ** (3 - step.level)
      let extended = rim
      for (let base = step.base; base < step.top; base += size) {
        extended = extendRimRipas(extended, base, base + size, hash)
      }
      return extended
    }
    case 'data-create':
      return extendRimData(rim, step.ipa, step.measured ? RMI_MEASURE_CONTENT : 0n, step.content, hash)
    case 'data-create-unknown':
      return rim
    case 'rec-create':
      return extendRimRec(rim, step.params, hash)
  }
}
