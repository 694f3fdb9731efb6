import type { TrustRoot } from '@mica/plugins'
import { type EndorsementFile, joinEndorsements, readEndorsements } from '@mica/verifier'
import type { Arguments } from '../arguments.ts'
import { readBytes } from '../files.ts'
import { trustNamed } from '../run/installed.ts'
import { UsageError } from '../usage-error.ts'

/**
 * Whom the caller said to believe: `--trust NAME`, the keys in files of `--trust-anchor`, and the reference values in
 * files of `--endorsements`. A file that holds both counts for what it was named for: whoever asks for reference values
 * has not said that he believes a key.
 *
 * Throws {@link UsageError} when a file cannot be read, or when nobody is believed.
 */
export function trustFrom(given: Arguments): Pick<TrustRoot, 'anchors' | 'endorsements'> {
  const named = given.texts('trust').map(trustNamed)
  const keys = joinEndorsements(filesOf(given, 'trust-anchor')).trustAnchors
  const anchors = [...named.flatMap((root) => root.anchors), ...keys]
  if (anchors.length === 0) {
    throw new UsageError(
      'nobody is to be believed: no --trust and no --trust-anchor',
      '--trust simulated believes the simulator',
    )
  }
  const values = [...named, joinEndorsements(filesOf(given, 'endorsements'))].map(({ endorsements }) => endorsements)
  return {
    anchors,
    endorsements: {
      platforms: values.flatMap(({ platforms }) => platforms),
      realms: values.flatMap(({ realms }) => realms),
    },
  }
}

function filesOf(given: Arguments, option: 'trust-anchor' | 'endorsements'): readonly EndorsementFile[] {
  return given.texts(option).map((file) => {
    const reading = readEndorsements(readBytes(file, `--${option} file`))
    if (reading.kind === 'refused') throw new UsageError(`${file}: ${reading.reason}`)
    return reading.value
  })
}
