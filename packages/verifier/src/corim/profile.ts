/** What a manifest describes: platforms and their keys, or Realms. */
export type CorimSubject = 'platform' | 'realm'

/**
 * Subject by profile. The three dialects: that of the first Veraison releases; the one of 2025 as drafts -02 and -03
 * and the Go library spell its profile; the same as draft -04 and the Azure library do. A manifest without profile is
 * read by what it holds, as the samples of CoRIM stores are.
 */
const SUBJECTS: ReadonlyMap<string, CorimSubject> = new Map<string, CorimSubject>([
  ['http://arm.com/cca/ssd/1', 'platform'],
  ['http://arm.com/cca/realm/1', 'realm'],
  ['tag:arm.com,2025:cca_platform#1.0.0', 'platform'],
  ['tag:arm.com,2025:cca_realm#1.0.0', 'realm'],
  ['tag:arm.com,2025:endorsements/cca_platform#1.0.0', 'platform'],
  ['tag:arm.com,2025:endorsements/cca_realm#1.0.0', 'realm'],
])

/** The profile under which a manifest is written here: the spelling of draft -04. */
export const WRITTEN_PROFILE: Readonly<Record<CorimSubject, string>> = {
  platform: 'tag:arm.com,2025:endorsements/cca_platform#1.0.0',
  realm: 'tag:arm.com,2025:endorsements/cca_realm#1.0.0',
}

/** What a manifest of `profile` describes; `undefined` when the profile is not one of CCA. */
export const subjectOf = (profile: string): CorimSubject | undefined => SUBJECTS.get(profile)
