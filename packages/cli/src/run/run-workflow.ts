import { createHash, hkdfSync, randomBytes } from 'node:crypto'
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
import type { Workflow } from '@mica/policy'
import { ChannelEnd } from '@mica/realm-sdk'
import { declarationsOf } from '@mica/realm-sdk/build'
import type { SessionOffer } from '@mica/realm-sdk/session'
import type { GroupExpectations, KeyRelease } from '@mica/verifier'
import { UsageError } from '../terminal.ts'
import type { BuiltGroup } from '../workflow/build-group.ts'
import { ClientDevice, type ClientOutcome } from './client-device.ts'
import { type Leak, LeakSearch } from './leak-search.ts'
import { RunSummary } from './run-summary.ts'

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

/** What a run came to. */
export interface RunResult {
  readonly ended: RunEnd
  /** Absent when the run ended before the client's session did. */
  readonly outcome: ClientOutcome | undefined
  readonly summary: RunSummary
  readonly leaks: LeakReport
}

/** What a search of everything the host could see came to. */
export interface LeakReport {
  readonly leaks: readonly Leak[]
  /** Different fragments of 16 bytes that were looked for. */
  readonly fragments: number
  /** Bytes searched. */
  readonly searched: number
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
    const deployment = await launch(platform, options)
    for (const { rd, peer } of deployment.realms) summary.identify(rd, peer)
    observer?.launched?.(deployment.realms, performance.now() - started)
    const client = clientAt(deployment, door, options, seed)
    const ended = await deployment.run(client)
    const output = client.outcome?.kind === 'complete' ? client.outcome.output : new Uint8Array(0)
    const leaks = searchHostView(deployment, group.workflow, { input: options.input, output })
    observer?.finished?.(deployment)
    return { ended, outcome: client.outcome, summary, leaks }
  } finally {
    await platform.stop()
  }
}

/** The one unprotected channel through which the client reaches the group. */
interface Door {
  readonly peer: string
  readonly memory: string
}

function gatewayDoor(workflow: Workflow): Door {
  const doors = workflow.memories.flatMap((memory) => {
    const [mapping] = memory.mappings
    const peer = mapping?.peer === null || mapping === undefined ? undefined : workflow.peers[mapping.peer]
    return memory.kind === 'unprotected' && peer !== undefined ? [{ peer: peer.name, memory: memory.name }] : []
  })
  const [door] = doors
  if (door === undefined) {
    throw new UsageError(
      'the workflow has no channel to the host, so nothing can enter it',
      'channel nic GATE <-> host 64 KiB',
    )
  }
  if (doors.length > 1) throw new UsageError("the workflow has more than one channel to the host: none is the client's")
  return door
}

async function launch(platform: Platform, { group }: RunOptions): Promise<Deployment> {
  const realms = group.peers.map(({ name, image, blob }) => ({ peer: name, image, blob }))
  return platform.launch({ realms, memories: group.workflow.memories })
}

function clientAt(deployment: Deployment, door: Door, options: RunOptions, seed: Uint8Array): ClientDevice {
  const declaration = declarationsOf(options.group.workflow).find(({ peer }) => peer === door.peer)?.channels[
    door.memory
  ]
  const recipient = options.group.peers.find(({ name }) => name === door.peer)
  if (declaration === undefined || recipient === undefined)
    throw new UsageError(`${door.peer} has no channel ${door.memory}`)
  const { observer } = options
  return new ClientDevice(new ChannelEnd(deployment.hostMemory(door.memory), declaration, 'host'), {
    verifier: options.verifier,
    trust: options.trust,
    expectations: options.expectations,
    recipient: { peer: recipient.name, rim: recipient.rim },
    nonce: (session) => derive(seed, `nonce ${session}`),
    secret: derive(seed, 'secret'),
    input: options.input,
    ...(observer?.verdict === undefined ? {} : { onVerdict: (offer, release) => observer.verdict?.(offer, release) }),
    ...(observer?.progress === undefined
      ? {}
      : { onProgress: (bytesIn, bytesOut) => observer.progress?.(bytesIn, bytesOut) }),
  })
}

/**
 * Looks for the client's data in everything the host saw. What lies in protected memories at the end is looked for too,
 * where the backend lets a laboratory see it: it holds what the components made of the data.
 */
function searchHostView(
  deployment: Deployment,
  workflow: Workflow,
  data: { readonly input: Uint8Array; readonly output: Uint8Array },
): LeakReport {
  const search = new LeakSearch()
  search.add('the input', data.input)
  search.add('the output', data.output)
  for (const { name, kind } of workflow.memories) {
    if (kind === 'protected' && deployment.laboratory !== undefined) {
      search.add(`channel ${name}`, deployment.laboratory.sharedMemory(name))
    }
  }
  let searched = 0
  const counted = function* (parts: Iterable<Uint8Array>): Iterable<Uint8Array> {
    for (const part of parts) {
      searched += part.length
      yield part
    }
  }
  const { seen } = deployment.hostView
  const leaks = [...search.search(counted(seen)), ...search.search(counted(deployment.hostView.nonSecureMemory()))]
  return { leaks, fragments: search.fragments, searched }
}

/** Independent bytes for each use of one seed: the machine never has what the client's secrets are made from. */
function derive(seed: Uint8Array, use: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', seed, new Uint8Array(0), `mica run ${use}`, 32))
}

/** The seed that a number or a word on the command line stands for. */
export function seedOf(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`mica seed ${text}`).digest())
}
