import { fileURLToPath } from 'node:url'
import { buildGroup, expectationsOf, loadWorkflow, runWorkflow, seedOf } from '@mica/cli'
import {
  type Deployment,
  localVerifier,
  type MachineEvent,
  SimulatedDeployment,
  simulatedTrust,
  simulator,
} from '@mica/plugins'
import { encodeBlob, type Policy, RIGHT, type Workflow } from '@mica/policy'
import { buildRealm } from '@mica/realm-sdk/build'
import { readAvi } from '../realms/avi.ts'
import { writeAvi } from '../realms/avi-writer.ts'

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** What was tried, by whom, and what stopped it: read from the event trace. */
export interface AttackResult {
  readonly attack: string
  readonly stopped: boolean
  /** The rule that stopped it, and where it did; or what the trace shows instead. */
  readonly by: string
}

/** Frames of the clip that the attacks are tried on: enough for every one of them to be tried several times. */
const FRAMES = 4

/**
 * Runs the pipeline with a hostile encoder, in a group that the client's verifier accepts, then lets the host map a fourth
 * Realm onto the first channel.
 *
 * @param clip The demo's clip. Its first frames are used.
 */
export async function runAttacks(policyFile: string, clip: Uint8Array): Promise<readonly AttackResult[]> {
  const loaded = loadWorkflow(policyFile)
  if (loaded.workflow === undefined) throw new Error(`${policyFile} has errors`)
  const group = await buildGroup(
    { ...loaded, workflow: loaded.workflow },
    { images: { encoder: here('./hostile-encoder.ts') } },
  )
  const events: MachineEvent[] = []
  let encoderRd: string | undefined
  let fourth: readonly MachineEvent[] = []
  const spy = await buildRealm(here('./spy.ts'), { bare: true })
  const result = await runWorkflow({
    group,
    backend: simulator,
    verifier: localVerifier,
    trust: simulatedTrust,
    expectations: expectationsOf(group.workflow, new Map(group.peers.map(({ name, rim }) => [name, [rim]]))),
    input: firstFrames(clip),
    seed: seedOf('attacks'),
    observer: {
      event: (event) => events.push(event),
      launched: (realms) => {
        encoderRd = realms.find(({ peer }) => peer === 'encoder')?.rd
      },
      finished: (deployment) => {
        const before = events.length
        addFourthRealm(deployment, group.workflow, spy)
        fourth = events.slice(before)
      },
    },
  })
  if (result.outcome?.kind !== 'complete') throw new Error('the pipeline with the hostile encoder did not complete')
  const recs = recsOf(events, encoderRd)
  return [writeBack(events, recs), hostCall(events, recs), mapping(fourth)]
}

function firstFrames(bytes: Uint8Array): Uint8Array {
  const clip = readAvi(bytes)
  if (clip.kind === 'refused') throw new Error(clip.reason)
  return writeAvi({ ...clip, frames: clip.frames.slice(0, FRAMES) })
}

/** The host builds one more Realm, shows it the granules of `raw`, and lets it run to its end. */
function addFourthRealm(
  deployment: Deployment,
  workflow: Workflow,
  spy: { readonly image: Uint8Array; readonly rim: Uint8Array },
): void {
  if (!(deployment instanceof SimulatedDeployment)) throw new Error('the attack needs the simulated host')
  const policy = strangersPolicy(workflow, spy.rim)
  deployment.runBeside({ peer: 'spy', image: spy.image, blob: encodeBlob(policy) }, policy.memories)
}

/** A policy that says of the gate's channel: a stranger reads it too. Valid in itself, at the very place of the real one. */
function strangersPolicy(workflow: Workflow, rim: Uint8Array): Policy {
  const raw = workflow.memories.find(({ name }) => name === 'raw')
  const gate = workflow.peers.findIndex(({ name }) => name === 'gate')
  const gatePeer = workflow.peers[gate]
  const mapping = raw?.mappings.find(({ peer }) => peer === gate)
  if (raw === undefined || gatePeer === undefined || mapping === undefined)
    throw new Error('the policy has no channel raw')
  return {
    self: 0,
    peers: [
      { name: 'spy', gateway: false, strict: true, rims: [rim] },
      { name: 'gate', gateway: true, strict: false, rims: gatePeer.rims },
    ],
    memories: [
      {
        name: raw.name,
        kind: raw.kind,
        granules: raw.granules,
        paced: raw.paced,
        mappings: [
          { peer: 0, rights: RIGHT.read, ipaGranule: mapping.ipaGranule },
          { peer: 1, rights: RIGHT.write, ipaGranule: mapping.ipaGranule },
        ],
      },
    ],
    transitions: [],
  }
}

function writeBack(events: readonly MachineEvent[], recs: ReadonlySet<string>): AttackResult {
  const own = events.filter(({ rec }) => recs.has(String(rec)))
  const fault = own.find(({ event, access }) => event === 'fault' && access === 'write')
  const through = own.some(
    ({ event, block, stored }) => event === 'access' && Number(stored) > 0 && block === blockOf(fault?.['ipa']),
  )
  return {
    attack: 'the encoder writes what it saw back into the channel from the gate',
    stopped: fault !== undefined && !through,
    by:
      fault === undefined || through
        ? 'nothing: a store went through'
        : `stage 2: ${fault['fault']} fault on a write at ${fault['ipa']}, for the policy gives it r--; the abort went back to the encoder, the host saw nothing`,
  }
}

/** The 2 MiB that hold an address, as events name them. */
function blockOf(ipa: unknown): string {
  return `0x${(Math.floor(Number(ipa) / 2 ** 21) * 2 ** 21).toString(16)}`
}

function hostCall(events: readonly MachineEvent[], recs: ReadonlySet<string>): AttackResult {
  const exits = events.filter(
    ({ event, rec, class: kind }) => event === 'exit' && kind === 'call' && recs.has(String(rec)),
  )
  const blocked = exits.filter(({ action }) => action === 'block')
  const passed = exits.filter(({ action, reason }) => action === 'allow' && reason === 'HOST_CALL')
  return {
    attack: 'the encoder passes 248 bytes of a frame to the host in a host call',
    stopped: blocked.length > 0 && passed.length === 0,
    by:
      blocked.length === 0
        ? 'nothing: the call went through'
        : `transition rule \`${blocked[0]!['rule']}\` for call ${blocked[0]!['id']}: block, ${blocked.length} times; the call returned RSI_ERROR_STATE`,
  }
}

function mapping(events: readonly MachineEvent[]): AttackResult {
  const refused = events.find(({ event, decision }) => event === 'policy' && decision === 'refused')
  const faults = events.filter(({ event }) => event === 'fault').length
  const loaded = events.some(({ event, name }) => event === 'memory' && name === 'raw')
  return {
    attack: 'the host maps a fourth Realm onto that channel, with a policy of its own',
    stopped: refused !== undefined && faults >= 2 && !loaded,
    by:
      refused === undefined
        ? 'nothing: the policy was accepted'
        : `rule \`${refused['rule']}\` at step ${refused['step']} of the upload; ${faults} loads from the channel faulted, before and after`,
  }
}

/** The RECs of a Realm. */
function recsOf(events: readonly MachineEvent[], rd: string | undefined): ReadonlySet<string> {
  return new Set(events.filter((event) => event.event === 'rec' && event['rd'] === rd).map(({ rec }) => String(rec)))
}
