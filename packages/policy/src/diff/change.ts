import type { HostVisible } from '../flow/host-visible.ts'
import type { Hop } from '../flow/judge.ts'
import type { IdRange, MemoryKind, Rights, TransitionAction, TransitionClass } from '../model.ts'

/**
 * Which way a change goes. `wider`: something is possible, or unchecked, that was not; `narrower`: the reverse; `other`:
 * neither, or both by changes that are listed beside it.
 */
export type Width = 'wider' | 'narrower' | 'other'

/** What one change is about. Names are those of the workflows; `from` and `to` of a flow are nodes of the graph. */
export type ChangeFacts =
  /** Data that could not go there before, with a shortest path; or no longer can. */
  | { readonly kind: 'flow'; readonly from: string; readonly to: string; readonly path?: readonly Hop[] | undefined }
  /** Data that had to pass a peer on its way and need not any more, with a shortest path; or now has to. */
  | {
      readonly kind: 'bypass'
      readonly from: string
      readonly to: string
      readonly around: string
      readonly path?: readonly Hop[] | undefined
    }
  /** How many bytes the host sees of a component by one edge; `undefined`: without bound; 0: none. */
  | {
      readonly kind: 'host-visible'
      readonly component: string
      readonly seen: HostVisible['kind']
      readonly through: string
      readonly before: number | undefined
      readonly after: number | undefined
    }
  | { readonly kind: 'leaker'; readonly peer: string }
  | { readonly kind: 'peer'; readonly peer: string; readonly change: 'added' | 'removed' }
  /** `open` is wider, `strict` narrower. */
  | { readonly kind: 'strictness'; readonly peer: string; readonly after: 'open' | 'strict' }
  | { readonly kind: 'gateway'; readonly peer: string; readonly after: boolean }
  /** For people: enforcement is the same. */
  | { readonly kind: 'trust'; readonly peer: string; readonly after: boolean }
  | { readonly kind: 'identity'; readonly peer: string; readonly change: IdentityChange }
  | { readonly kind: 'memory'; readonly memory: string; readonly change: 'added' | 'removed' }
  | { readonly kind: 'memory-kind'; readonly memory: string; readonly after: MemoryKind }
  /** In granules. */
  | { readonly kind: 'memory-size'; readonly memory: string; readonly before: number; readonly after: number }
  | { readonly kind: 'pacing'; readonly memory: string; readonly after: boolean }
  /** Of a peer or `any` in a memory that both have; 0 where it has no place. */
  | {
      readonly kind: 'rights'
      readonly memory: string
      readonly holder: string
      readonly before: Rights
      readonly after: Rights
    }
  /** `undefined`: no limit. */
  | {
      readonly kind: 'any-count'
      readonly memory: string
      readonly before: number | undefined
      readonly after: number | undefined
    }
  | { readonly kind: 'address'; readonly memory: string; readonly holder: string }
  | {
      readonly kind: 'transition'
      readonly peer: string
      readonly class: TransitionClass
      readonly ranges: readonly IdRange[]
      readonly before: TransitionAction
      readonly after: TransitionAction
    }
  /** `assertion` as it is printed. A dropped one is wider: nothing checks it any more. */
  | { readonly kind: 'assertion'; readonly assertion: string; readonly change: 'added' | 'dropped' }
  | { readonly kind: 'version'; readonly before: number | undefined; readonly after: number | undefined }

/** How the components that a peer stands for differ. */
export type IdentityChange = 'lost' | 'gained' | 'more' | 'fewer' | 'replaced'

/** One difference between two workflows. */
export type Change = ChangeFacts & {
  readonly width: Width
  /** Where it is written: in the new workflow, or in the old one for what is gone. */
  readonly side: 'before' | 'after'
  readonly origin: unknown
}

/** What tells two workflows apart. */
export interface WorkflowDiff {
  /** Flows first, then what the host sees, then everything else in order of the new workflow. */
  readonly changes: readonly Change[]
  /** Whether any change is wider. */
  readonly widened: boolean
}
