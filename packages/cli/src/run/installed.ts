import { type Backend, builtIn, type EvidenceVerifier, Registry, type TrustRoot } from '@mica/plugins'
import { nearest } from '../nearest.ts'
import { UsageError } from '../usage-error.ts'

/** What this installation offers, by name. */
export const registry: Registry = new Registry([builtIn])

/** The backend of that name. Throws {@link UsageError} with the names there are. */
export function backendNamed(name: string): Backend {
  return named('backend', registry.backends, name)
}

/** The verifier of that name. Throws {@link UsageError} with the names there are. */
export function verifierNamed(name: string): EvidenceVerifier {
  return named('verifier', registry.verifiers, name)
}

/** The trust root of that name. Throws {@link UsageError} with the names there are. */
export function trustNamed(name: string): TrustRoot {
  return named('trust root', registry.trustRoots, name)
}

function named<T>(kind: string, offered: ReadonlyMap<string, T>, name: string): T {
  const found = offered.get(name)
  if (found !== undefined) return found
  const names = [...offered.keys()]
  const meant = nearest(name, names)
  const help = meant === undefined ? `there is: ${names.join(', ')}` : `did you mean ${meant}?`
  throw new UsageError(`there is no ${kind} \`${name}\``, help)
}
