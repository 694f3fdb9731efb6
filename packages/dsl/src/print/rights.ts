import { RIGHT, type Rights } from '@mica/policy'

const WORDS = ['owner', 'read', 'write', 'execute'] as const

/** Rights as the long form of a memory lists them: `read write`. */
export function printRights(rights: Rights): string {
  return WORDS.filter((word) => (rights & RIGHT[word]) !== 0).join(' ')
}
