import type { Endorsements } from './reference-values.ts'
import type { TrustAnchor } from './trust-anchors.ts'

/** What a file of an endorser says, whatever its format: keys of platforms, and reference values. */
export interface EndorsementFile {
  readonly trustAnchors: readonly TrustAnchor[]
  readonly endorsements: Endorsements
  /** What the file holds beside that, and no appraisal looks at: one line each. */
  readonly notes: readonly string[]
}

/** Everything that several files say. Entries about one platform or Realm are alternatives, whichever file they are in. */
export function joinEndorsements(files: readonly EndorsementFile[]): EndorsementFile {
  return {
    trustAnchors: files.flatMap((file) => file.trustAnchors),
    endorsements: {
      platforms: files.flatMap((file) => file.endorsements.platforms),
      realms: files.flatMap((file) => file.endorsements.realms),
    },
    notes: files.flatMap((file) => file.notes),
  }
}
