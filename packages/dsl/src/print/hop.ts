import type { Hop } from '@mica/policy'
import { printRights } from './rights.ts'

/** One step of a path in words, with the rights that make it possible. */
export function describeHop({ from, to, reason, rights }: Hop): string {
  const having = rights === undefined ? '' : ` (${printRights(rights)})`
  switch (reason) {
    case 'write':
      return `\`${from}\` writes \`${to}\`${having}`
    case 'read':
      return `\`${to}\` reads \`${from}\`${having}`
    case 'unprotected':
      return to === 'host'
        ? `\`host\` reads \`${from}\`, which is unprotected`
        : `\`host\` writes \`${to}\`, which is unprotected`
    case 'transition':
      return to === 'host'
        ? `\`${from}\` tells \`host\` something in a transition that is allowed`
        : `\`host\` tells \`${to}\` something in a transition that is allowed`
    case 'open':
      return to === 'host' ? `\`${from}\` is open, it may tell \`host\`` : `\`${to}\` is open, \`host\` may tell it`
    case 'unidentified':
      return to === 'host'
        ? `\`${from}\` has no identity, it may be \`host\``
        : `\`${to}\` has no identity, \`host\` may be it`
    case 'any':
      return to === 'host' ? `${from} may tell \`host\`` : `\`host\` may tell ${to}`
    case 'paced':
      return to.startsWith('credits')
        ? `\`${from}\` asks for more, seen in ${to}`
        : `\`${to}\` sees when more is wanted, from ${from}`
    case 'measure':
      return `\`${from}\` and \`${to}\` share the measurements that stand in reports`
  }
}
