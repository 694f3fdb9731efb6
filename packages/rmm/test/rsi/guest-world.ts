import { RMI_REALM_ACTIVATE, RMI_RTT_INIT_RIPAS } from '../../src/abi/index.ts'
import type { GuestWorld, Word } from '../conditions.ts'
import { type HostOptions, PAGE, RAM, type RealmOptions } from '../scripted-host.ts'
import { type RealmWorld, realmWorld } from '../small-world.ts'

/** An address of the protected half where nothing is declared. */
export const EMPTY: number = RAM + 0x1_0000
/** Declared RAM that the host has not populated. */
export const UNPOPULATED: number = RAM + 0x2_0000

/** A world in which a Realm runs; `args` are those of a good call of its. */
export function guestWorld(
  args: readonly Word[],
  options: RealmOptions = {},
  hostOptions: HostOptions = {},
): RealmWorld & GuestWorld {
  const made = realmWorld({ ...options, activate: false }, () => args, hostOptions)
  const { host, realm } = made
  host.demand(RMI_RTT_INIT_RIPAS, realm.rd, UNPOPULATED, UNPOPULATED + PAGE)
  host.demand(RMI_REALM_ACTIVATE, realm.rd)
  return { ...made, rec: realm.recs[0]! }
}
