import type { TrustRoot } from '@mica/plugins'
import {
  type EndorsementFile,
  type EndorsementSigners,
  joinEndorsements,
  readEndorsements,
  readSigners,
} from '@mica/verifier'
import type { Arguments } from '../arguments.ts'
import { readBytes } from '../files.ts'
import { trustNamed } from '../run/installed.ts'
import { UsageError } from '../usage-error.ts'

/** Whom the caller said to believe, by {@link believedBy}. Throws {@link UsageError} when that is nobody. */
export function trustFrom(given: Arguments): Pick<TrustRoot, 'anchors' | 'endorsements'> {
  const believed = believedBy(given)
  if (believed.anchors.length > 0) return believed
  throw new UsageError(
    'nobody is to be believed: no --trust and no --trust-anchor',
    '--trust simulated believes the simulator',
  )
}

/**
 * Whom the caller said to believe: `--trust NAME`, the keys in files of `--trust-anchor`, and the reference values in
 * files of `--endorsements`. A file that holds both counts for what it was named for: whoever asks for reference values
 * has not said that he believes a key. With `--signer` reference values must be signed; a trust anchor may be, but who
 * names one is what its belief rests on.
 *
 * Throws {@link UsageError} when a file cannot be read.
 */
export function believedBy(given: Arguments): Pick<TrustRoot, 'anchors' | 'endorsements'> {
  const named = given.texts('trust').map(trustNamed)
  const signers = signersFrom(given)
  const keys = joinEndorsements(filesOf(given, 'trust-anchor', { signers, mustBeSigned: false })).trustAnchors
  const anchors = [...named.flatMap((root) => root.anchors), ...keys]
  const values = [...named, joinEndorsements(filesOf(given, 'endorsements', { signers }))].map(
    ({ endorsements }) => endorsements,
  )
  return {
    anchors,
    endorsements: {
      platforms: values.flatMap(({ platforms }) => platforms),
      realms: values.flatMap(({ realms }) => realms),
    },
  }
}

/** Everybody whom a file of `--signer` lets sign; `undefined` where there is none. */
function signersFrom(given: Arguments): EndorsementSigners | undefined {
  const files = given.texts('signer').map((file) => {
    const reading = readSigners(readBytes(file, '--signer file'))
    if (reading.kind === 'refused') throw new UsageError(`${file}: ${reading.reason}`)
    return reading.value
  })
  if (files.length === 0) return undefined
  return { keys: files.flatMap(({ keys = [] }) => keys), roots: files.flatMap(({ roots = [] }) => roots) }
}

function filesOf(
  given: Arguments,
  option: 'trust-anchor' | 'endorsements',
  options: Parameters<typeof readEndorsements>[1],
): readonly EndorsementFile[] {
  return given.texts(option).map((file) => {
    const reading = readEndorsements(readBytes(file, `--${option} file`), options)
    if (reading.kind === 'refused') throw new UsageError(`${file}: ${reading.reason}`)
    return reading.value
  })
}
