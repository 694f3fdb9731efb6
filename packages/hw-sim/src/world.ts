/** The four security states, each with a physical address space of its own (Arm ARM, FEAT_RME). */
export type World = 'non-secure' | 'secure' | 'realm' | 'root'

/** The physical address space a granule is in, as the granule protection table stores it. */
export const PAS = { nonSecure: 0, secure: 1, realm: 2, root: 3 } as const

export type Pas = (typeof PAS)[keyof typeof PAS]

/**
 * Whether software of `world` may access a granule in `pas`: Root reaches all, Realm and Secure reach their own and
 * Non-secure, Non-secure reaches only its own.
 */
export function mayAccess(world: World, pas: Pas): boolean {
  switch (world) {
    case 'root':
      return true
    case 'realm':
      return pas === PAS.realm || pas === PAS.nonSecure
    case 'secure':
      return pas === PAS.secure || pas === PAS.nonSecure
    case 'non-secure':
      return pas === PAS.nonSecure
  }
}
