import {
  DEFAULT_LIMITS,
  LOG_LEVELS,
  type RunningService,
  type ServiceOptions,
  startService,
} from '@mica/verifier-service'
import { parseArguments } from '../arguments.ts'
import type { Command, ExitCode } from '../command.ts'
import { keysFrom } from '../serve/keys.ts'
import { optionsFrom } from '../serve/options.ts'
import { addressFrom, openStore, storePlaceFrom, unusableAddress } from '../serve/where.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'

const HELP = `usage: mica serve [options]

The verifier as a service: the challenge-response API of Veraison, version 1, for tokens of Realms and reports of groups;
endorsements and expectations that operators provision; and secrets that only the member gets for which they are registered.
Runs until it is told to stop (SIGTERM, Ctrl-C), finishes what is under way, and ends with 0.

  --listen HOST:PORT    where to listen (127.0.0.1:8080); port 0 is any that is free
  --store S             embedded (the default: in memory), embedded:DIR, or postgresql://…, which several instances share
  --trust NAME          believe a root of trust by name; \`simulated\` is the simulator's, and never believed unless named
  --trust-anchor F      believe the platforms whose keys are in a file: JSON or CoRIM; may be repeated
  --endorsements F      reference values of a file: JSON, CoRIM or a lock; may be repeated
  --expectations F      a group whose reports are judged: mica.expectations.json of \`mica compile\`; may be repeated
  --token-file F        the token that operators show, of 16 characters or more; or in MICA_SERVICE_TOKEN. Without one nothing
                        can be provisioned
  --endorser F          who may sign manifests that are provisioned: a public key or certificates
  --signing-key F       the key of results, a private JWK of P-256 or P-384; \`embedded:DIR\` keeps one in DIR
  --store-key F         what the store is kept under, 64 hexadecimal digits; \`embedded:DIR\` keeps one in DIR
  --profile-pairing P   which profiles of platform and Realm go together: strict, known (the default), off
  --compat SWITCH       put up with a habit of other implementations: digest-length, signer-id, non-platform-debug
  --session-seconds N   time from a challenge to its evidence (${DEFAULT_LIMITS.sessionTtlMs / 1000})
  --max-sessions N      sessions that are open at once (${DEFAULT_LIMITS.openSessions})
  --max-appraisals N    appraisals that are under way at once (${DEFAULT_LIMITS.appraisals})
  --client-rate N       sessions that one client address may open in a second; as many as it likes if not given
  --log-level L         ${LOG_LEVELS.join(', ')} (info); one JSON object a line, on standard error

example: mica serve --store embedded:verifier --trust-anchor platforms.json --expectations build/mica.expectations.json
Exit codes: 0 stopped when told to, 1 never, 2 usage or environment.`

const OPTIONS = {
  listen: { type: 'string' },
  store: { type: 'string' },
  trust: { type: 'string', multiple: true },
  'trust-anchor': { type: 'string', multiple: true },
  endorsements: { type: 'string', multiple: true },
  expectations: { type: 'string', multiple: true },
  'token-file': { type: 'string' },
  endorser: { type: 'string' },
  'signing-key': { type: 'string' },
  'store-key': { type: 'string' },
  'profile-pairing': { type: 'string' },
  compat: { type: 'string', multiple: true },
  'session-seconds': { type: 'string' },
  'max-sessions': { type: 'string' },
  'max-appraisals': { type: 'string' },
  'client-rate': { type: 'string' },
  'log-level': { type: 'string' },
} as const

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const given = parseArguments(args, OPTIONS)
  given.none()
  const listen = given.text('listen') ?? '127.0.0.1:8080'
  const place = storePlaceFrom(given.text('store') ?? 'embedded')
  const options = optionsFrom(given)
  const settings = { ...addressFrom(listen), ...keysFrom(given, place), ...options }
  if (options.token === undefined && options.fixed.trustAnchors.length === 0) {
    throw new UsageError(
      'nobody is to be believed, and nobody may say who: no --trust, no --trust-anchor, no --token-file',
      '--trust simulated believes the simulator',
    )
  }

  const store = await openStore(place)
  const logs = { write: (line: string) => terminal.err(line.trimEnd()) }
  await untilToldToStop(async (told) => {
    const service = await started({ ...settings, store, logs }, listen)
    terminal.out(`serving ${service.url}, discovery ${service.url}/.well-known/veraison/verification`)
    await told
    await service.close()
  })
  return 0
}

async function started(options: ServiceOptions, listen: string): Promise<RunningService> {
  try {
    return await startService(options)
  } catch (error) {
    throw unusableAddress(error, listen)
  }
}

/**
 * Does `work`, which is given a promise that resolves at the first signal that asks the process to end. Others are let
 * pass meanwhile: Ctrl-C reaches this process from its terminal and from the one that started it, and stopping takes no
 * longer than its limit anyway.
 */
async function untilToldToStop<T>(work: (told: Promise<void>) => Promise<T>): Promise<T> {
  let tell = (): void => {}
  const told = new Promise<void>((resolve) => {
    tell = resolve
  })
  for (const signal of STOP_SIGNALS) process.on(signal, tell)
  try {
    return await work(told)
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, tell)
  }
}

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** `mica serve`: the verifier as a service. */
export const serveCommand: Command = { help: HELP, run }
