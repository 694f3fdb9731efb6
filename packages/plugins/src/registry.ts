import type { Backend } from './backend.ts'
import type { Plugin } from './define-plugin.ts'
import type { EvidenceVerifier, TrustRoot } from './verifier.ts'

/** Two plugins offer the same kind of thing under one name. */
export class DuplicatePluginError extends Error {
  override readonly name = 'DuplicatePluginError'
}

/** What the plugins of an installation offer, each kind by name. */
export class Registry {
  readonly backends: ReadonlyMap<string, Backend>
  readonly verifiers: ReadonlyMap<string, EvidenceVerifier>
  readonly trustRoots: ReadonlyMap<string, TrustRoot>

  /** Throws {@link DuplicatePluginError} when a name is taken. */
  constructor(plugins: readonly Plugin[]) {
    this.backends = byName('backend', plugins, (plugin) => plugin.backends)
    this.verifiers = byName('verifier', plugins, (plugin) => plugin.verifiers)
    this.trustRoots = byName('trust root', plugins, (plugin) => plugin.trustRoots)
  }
}

function byName<T extends { readonly name: string }>(
  kind: string,
  plugins: readonly Plugin[],
  offers: (plugin: Plugin) => readonly T[] | undefined,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>()
  for (const plugin of plugins) {
    for (const item of offers(plugin) ?? []) {
      if (found.has(item.name)) {
        throw new DuplicatePluginError(`plugin ${plugin.name}: there is a ${kind} ${item.name} already`)
      }
      found.set(item.name, item)
    }
  }
  return found
}
