import { randomBytes } from 'node:crypto'
import type {
  Backend,
  Deployment,
  EvidenceVerifier,
  LaunchedRealm,
  MachineEvent,
  Platform,
  RunEnd,
  TrustRoot,
} from '@mica/plugins'
import { ChannelEnd } from '@mica/realm-sdk'
import { declarationsOf } from '@mica/realm-sdk/build'
import type { SessionOffer } from '@mica/realm-sdk/session'
import type { GroupExpectations, KeyRelease } from '@mica/verifier'
import { UsageError } from '../usage-error.ts'
import type { BuiltGroup } from '../workflow/build-group.ts'
import { ClientDevice, type ClientOutcome } from './client-device.ts'
import { type GatewayDoor, gatewayDoor } from './gateway-door.ts'
import { type LeakReport, searchHostView } from './host-search.ts'
import { RunSummary } from './run-summary.ts'
import { derive } from './seed.ts'

/** What one run of a workflow needs. */
export interface RunOptions {
  readonly group: BuiltGroup
  readonly backend: Backend
  readonly verifier: EvidenceVerifier
  readonly trust: TrustRoot
  readonly expectations: GroupExpectations
  readonly input: Uint8Array
  /** Everything random of the machine follows from it; absent: fresh. */
  readonly seed?: Uint8Array
  readonly observer?: RunObserver
}

/** Who is told what happens, while it happens. */
export interface RunObserver {
  event?(event: MachineEvent): void
  launched?(realms: readonly LaunchedRealm[], bootMs: number): void
  verdict?(offer: SessionOffer, release: KeyRelease): void
  progress?(bytesIn: number, bytesOut: number): void
  /** While the Realms still exist: the last chance to look at the machine. */
  finished?(deployment: Deployment): void
}

/** The client's judgement of a report: what it was offered, and whether it released its key for that. */
export interface Judgement {
  readonly offer: SessionOffer
  readonly release: KeyRelease
}

/** What a run came to. */
export interface RunResult {
  readonly realms: readonly LaunchedRealm[]
  readonly ended: RunEnd
  /** Absent when the run ended before the client's session did. */
  readonly outcome: ClientOutcome | undefined
  /** Absent when no report ever came. */
  readonly judgement: Judgement | undefined
  readonly summary: RunSummary
  readonly leaks: LeakReport
}

/**
 * Runs a workflow from boot to the last byte: launches the group, plays the client at its gateway, and searches what the
 * host saw for pieces of the data.
 *
 * Throws {@link UsageError} when the workflow has no gateway channel for the client, or the host cannot build the group.
 */
export async function runWorkflow(options: RunOptions): Promise<RunResult> {
  const { group, observer } = options
  const door = gatewayDoor(group.workflow)
  const summary = new RunSummary(group.workflow)
  const seed = options.seed ?? new Uint8Array(randomBytes(32))
  const onEvent = (event: MachineEvent): void => {
    summary.add(event)
    observer?.event?.(event)
  }
  const started = performance.now()
  const platform = await options.backend.boot({ seed: derive(seed, 'machine'), onEvent })
  try {
    const deployment = await launch(platform, group)
    const { realms } = deployment
    for (const { rd, peer } of realms) summary.identify(rd, peer)
    observer?.launched?.(realms, performance.now() - started)
    let judgement: Judgement | undefined
    const client = clientAt(deployment, door, options, seed, (offer, release) => {
      judgement = { offer, release }
      observer?.verdict?.(offer, release)
    })
    const ended = await deployment.run(client)
    const { outcome } = client
    const output = outcome?.kind === 'complete' ? outcome.output : new Uint8Array(0)
    const leaks = searchHostView(deployment, group.workflow, { input: options.input, output })
    observer?.finished?.(deployment)
    return { realms, ended, outcome, judgement, summary, leaks }
  } finally {
    await platform.stop()
  }
}

async function launch(platform: Platform, group: BuiltGroup): Promise<Deployment> {
  const realms = group.peers.map(({ name, image, blob }) => ({ peer: name, image, blob }))
  try {
    return await platform.launch({ realms, memories: group.workflow.memories })
  } catch (error) {
    // The host is another program, and says so by name: it could not build this group on this machine.
    if (error instanceof Error && error.name === 'HostError') {
      throw new UsageError(`the host cannot build the group: ${error.message}`)
    }
    throw error
  }
}

function clientAt(
  deployment: Deployment,
  door: GatewayDoor,
  options: RunOptions,
  seed: Uint8Array,
  onVerdict: (offer: SessionOffer, release: KeyRelease) => void,
): ClientDevice {
  const { group, observer, verifier, trust, expectations, input } = options
  const declaration = declarationsOf(group.workflow).find(({ peer }) => peer === door.peer)?.channels[door.memory]
  const recipient = group.peers.find(({ name }) => name === door.peer)
  if (declaration === undefined || recipient === undefined) {
    throw new UsageError(`${door.peer} has no channel ${door.memory} that messages go through`)
  }
  return new ClientDevice(new ChannelEnd(deployment.hostMemory(door.memory), declaration, 'host'), {
    verifier,
    trust,
    expectations,
    recipient: { peer: recipient.name, rim: recipient.rim },
    nonce: (session) => derive(seed, `nonce ${session}`),
    secret: derive(seed, 'secret'),
    input,
    onVerdict,
    onProgress: (bytesIn, bytesOut) => observer?.progress?.(bytesIn, bytesOut),
  })
}
