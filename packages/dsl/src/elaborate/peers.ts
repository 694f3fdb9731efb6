import type { WorkflowPeer } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import { folderOf, joined, relativePath } from '../files/paths.ts'
import type { PeerItem } from '../syntax/ast.ts'
import type { Scope } from './scope.ts'

const LABEL_LIMIT = 0xffff_ffff

/**
 * The peers in file order, so that a peer's index is its place in the scope.
 *
 * @param file Where the paths of images are to start: those of another file start there.
 */
export function elaboratePeers(items: Iterable<PeerItem>, file: string, scope: Scope): WorkflowPeer[] {
  return Array.from(items, ({ name, identity, rpv, gateway, open, trusted, span }) => {
    const label = identity?.kind === 'label' ? identity.label : undefined
    if (identity !== undefined && label !== undefined && label > LABEL_LIMIT) {
      scope.report(messages.numberOutOfRange({ what: 'a label', minimum: 0, maximum: LABEL_LIMIT }, identity.span))
    }
    return {
      name: name.text,
      gateway,
      strict: !open,
      rims: identity?.kind === 'rim' ? identity.rims.map((rim) => rim.bytes) : [],
      rpv: rpv?.bytes,
      ...(label === undefined ? {} : { label }),
      trusted,
      image: identity?.kind === 'image' ? imagePath(identity.path, span.file, file) : undefined,
      origin: span,
    }
  })
}

function imagePath(path: string, from: string, file: string): string {
  return from === file ? path : relativePath(folderOf(file), joined(folderOf(from), path))
}
