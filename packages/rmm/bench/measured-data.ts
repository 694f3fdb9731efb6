import { GRANULE_SIZE } from '@mica/hw-sim'
import { BareHost } from '../lab/bare-host.ts'
import {
  encodeRmiRealmParams,
  RMI_DATA_CREATE,
  RMI_DATA_DESTROY,
  RMI_REALM_CREATE,
  RMI_RTT_CREATE,
} from '../src/abi/index.ts'
import type { BenchRow } from './delegate.ts'

/** Pages that one table of level 3 holds. */
const PAGES = 512
const ROUNDS = 12
const MEGABYTE = 1e6

/** Measures RMI_DATA_CREATE with content: copied from the host, hashed with SHA-256, and the RIM extended. */
export function rows(): readonly BenchRow[] {
  const host = new BareHost({ machine: { dram: { base: 0x8000_0000, size: 0x100_0000 } } })
  const rd = realm(host)
  const source = host.page(new Uint8Array(GRANULE_SIZE).map((_, i) => i))
  const granules = Array.from({ length: PAGES }, () => host.delegated())
  let best = 0
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    for (let page = 0; page < PAGES; page++) {
      host.demand(RMI_DATA_CREATE, rd, granules[page]!, page * GRANULE_SIZE, source, 1)
    }
    const seconds = (performance.now() - start) / 1000
    best = Math.max(best, (PAGES * GRANULE_SIZE) / MEGABYTE / seconds)
    for (let page = 0; page < PAGES; page++) host.demand(RMI_DATA_DESTROY, rd, page * GRANULE_SIZE)
  }
  return [{ name: 'rmi.data_create_measured_MB_per_s', value: Number(best.toFixed(1)), unit: 'MB/s' }]
}

/** A new Realm with a table for its first 2 MiB. */
function realm(host: BareHost): number {
  const rd = host.delegated()
  const params = {
    s2sz: 32,
    num_bps: 1,
    num_wps: 1,
    rtt_base: BigInt(host.delegated()),
    rtt_level_start: 1n,
    rtt_num_start: 1,
  }
  host.demand(RMI_REALM_CREATE, rd, host.page(encodeRmiRealmParams(params)))
  for (const level of [2, 3]) host.demand(RMI_RTT_CREATE, rd, host.delegated(), 0, level)
  return rd
}
