import { COMPAT_SWITCHES, type CompatSwitch, PAIRINGS, readExpectations, readSigners } from '@mica/verifier'
import { digestOf, type FixedKnowledge, type Limits, LOG_LEVELS, type ServiceOptions } from '@mica/verifier-service'
import type { Arguments } from '../arguments.ts'
import { readBytes } from '../files.ts'
import { oneOf } from '../one-of.ts'
import { UsageError } from '../usage-error.ts'
import { believedBy } from '../verify/trust.ts'
import { tokenFrom } from './keys.ts'

/** What a service is told by its caller, beside where it runs and what it keeps. */
export type Told = Pick<ServiceOptions, 'fixed' | 'token' | 'signers' | 'limits' | 'logLevel' | 'compat' | 'pairing'>

/** What the service is told. Throws {@link UsageError} for a value that there is not, and a file that cannot be used. */
export function optionsFrom(given: Arguments): Told {
  const { anchors, endorsements } = believedBy(given)
  const endorser = given.text('endorser')
  return {
    fixed: { trustAnchors: anchors, endorsements, expectations: expectationsFrom(given.texts('expectations')) },
    token: tokenFrom(given, process.env),
    signers: endorser === undefined ? undefined : signersIn(endorser),
    limits: limitsFrom(given),
    logLevel: oneOf('log-level', given.text('log-level') ?? 'info', LOG_LEVELS),
    pairing: oneOf('profile-pairing', given.text('profile-pairing') ?? 'known', PAIRINGS),
    compat: given.texts('compat').map((name): CompatSwitch => oneOf('compat', name, COMPAT_SWITCHES)),
  }
}

function expectationsFrom(files: readonly string[]): FixedKnowledge['expectations'] {
  return new Map(
    files.map((file) => {
      const bytes = readBytes(file, 'expectations')
      const reading = readExpectations(new TextDecoder().decode(bytes))
      if (reading.kind === 'refused') throw new UsageError(`${file}: ${reading.reason}`)
      return [digestOf(bytes), reading.value]
    }),
  )
}

function signersIn(file: string): ServiceOptions['signers'] {
  const reading = readSigners(readBytes(file, 'endorser'))
  if (reading.kind === 'refused') throw new UsageError(`${file}: ${reading.reason}`)
  return reading.value
}

function limitsFrom(given: Arguments): Partial<Limits> {
  const seconds = given.count('session-seconds', 86_400)
  const openSessions = given.count('max-sessions', 10_000_000)
  const appraisals = given.count('max-appraisals', 10_000)
  const rate = given.count('client-rate', 1_000_000)
  return {
    ...(seconds === undefined ? {} : { sessionTtlMs: seconds * 1000 }),
    ...(openSessions === undefined ? {} : { openSessions }),
    ...(appraisals === undefined ? {} : { appraisals }),
    ...(rate === undefined ? {} : { sessionsPerClientPerSecond: rate }),
  }
}
