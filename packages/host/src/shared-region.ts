import { GRANULE_SIZE, type PhysicalAddress, physicalAddressOf } from '@mica/hw-sim'
import { RMI_GRANULE_DELEGATE } from '@mica/rmm/abi'
import type { GranulePool } from './granule-pool.ts'
import type { NormalWorld } from './normal-world.ts'

/** Granules that the host provides for a protected memory of a group: delegated, in the order of the memory. */
export interface SharedRegion {
  readonly granules: readonly PhysicalAddress[]
}

/** Non-secure memory that the host shows to a Realm as unprotected memory: contiguous, and readable by the host. */
export interface UnprotectedWindow {
  readonly base: PhysicalAddress
  /** Bytes. */
  readonly length: number
}

/** Takes and delegates `count` granules. */
export function createSharedRegion(world: NormalWorld, pool: GranulePool, count: number): SharedRegion {
  const granules = Array.from({ length: count }, () => pool.take())
  for (const granule of granules) world.demand(RMI_GRANULE_DELEGATE, granule)
  return { granules }
}

/** Takes `count` Non-secure granules that follow each other. */
export function createUnprotectedWindow(pool: GranulePool, count: number): UnprotectedWindow {
  return { base: pool.takeContiguous(count), length: count * GRANULE_SIZE }
}

/** The granule of a window at an offset. */
export function windowGranule(window: UnprotectedWindow, index: number): PhysicalAddress {
  return physicalAddressOf(window.base + index * GRANULE_SIZE)
}
