import {
  type Assertion,
  encodeBlob,
  type Memory,
  project,
  RIGHT,
  type Transition,
  type Workflow,
  type WorkflowPeer,
} from '@mica/policy'
import { describe, expect, test } from 'vitest'
import { RSI_HOST_CALL } from '../../src/abi/index.ts'
import { groupToken } from '../mica/group-evidence.ts'
import { PAGE, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { judgeReport, outcomeOf } from './court.ts'

// A blob is no part of an image: the host hands each Realm whatever blob it likes, and the monitor enforces what is valid.
// What makes it the right one is the verdict. So the host tries every other valid one, for all members, for one, for all but one.

const NAMES = ['gate', 'encoder', 'moderator'] as const
const PLACES = [0x200, 0x208, 0x210] as const
const NIC = 0x10
const RECORDS = 0x20

const ASSERTIONS: readonly Assertion[] = [
  { property: { kind: 'reaches-only-via', from: 'raw', to: 'host', via: ['moderator'] }, confined: [] },
  { property: { kind: 'acyclic', except: ['gate'] }, confined: [] },
  { property: { kind: 'leakers-are', names: ['gate'] }, confined: [] },
]

const channel = (name: string, from: number, to: number, index: number): Memory => ({
  name,
  kind: 'protected',
  granules: 1,
  mappings: [
    { peer: from, rights: RIGHT.write, ipaGranule: PLACES[index]! },
    { peer: to, rights: RIGHT.read, ipaGranule: PLACES[index]! },
  ],
  paced: false,
})

const window = (name: string, peer: number, granule: number): Memory => ({
  name,
  kind: 'unprotected',
  granules: 1,
  mappings: [{ peer, rights: RIGHT.read | RIGHT.write, ipaGranule: granule }],
  paced: false,
})

/** What the author wrote, of images with these measurements. */
const authored = (rims: readonly Uint8Array[]): Workflow => ({
  name: 'video',
  peers: NAMES.map((name, index): WorkflowPeer => {
    return { name, gateway: name === 'gate', strict: true, rims: [rims[index]!], trusted: name === 'gate' }
  }),
  memories: [channel('raw', 0, 1, 0), channel('coded', 1, 2, 1), channel('clean', 2, 0, 2), window('nic', 0, NIC)],
  transitions: [],
  assertions: ASSERTIONS,
})

const withPeer = (of: Workflow, name: string, change: Partial<WorkflowPeer>): Workflow => ({
  ...of,
  peers: of.peers.map((peer) => (peer.name === name ? { ...peer, ...change } : peer)),
})
const withMemory = (of: Workflow, name: string, change: (memory: Memory) => Memory): Workflow => ({
  ...of,
  memories: of.memories.map((memory) => (memory.name === name ? change(memory) : memory)),
})
const withCall = (of: Workflow, peer: number, action: Transition['action']): Workflow => ({
  ...of,
  transitions: [{ peer, class: 'call', action, ranges: [[Number(RSI_HOST_CALL), Number(RSI_HOST_CALL)]] }],
})

/** What the host would rather have them do: each a workflow that the monitor takes, and that the author did not write. */
const OTHERS: readonly (readonly [what: string, change: (of: Workflow, rims: readonly Uint8Array[]) => Workflow])[] = [
  ['the encoder may call the host', (of) => withCall(of, 1, 'allow')],
  [
    'the encoder has memory of the host’s',
    (of) => ({
      ...withPeer(of, 'encoder', { gateway: true }),
      memories: [...of.memories, window('records', 1, RECORDS)],
    }),
  ],
  [
    'the encoder reads what the moderator writes to it',
    (of) =>
      withMemory(of, 'coded', (memory) => ({
        ...memory,
        mappings: memory.mappings.map((mapping) => ({ ...mapping, rights: RIGHT.read | RIGHT.write })),
      })),
  ],
  [
    'anybody may read what is coded',
    (of) =>
      withMemory(of, 'coded', (memory) => ({
        ...memory,
        mappings: [...memory.mappings, { peer: null, rights: RIGHT.read, ipaGranule: null }],
      })),
  ],
  ['the moderator is whoever comes', (of) => withPeer(of, 'moderator', { rims: [] })],
  [
    'the moderator may be another image',
    (of, rims) => withPeer(of, 'moderator', { rims: [rims[2]!, new Uint8Array(32).fill(0x66)] }),
  ],
  ['nobody bounds the encoder', (of) => withPeer(of, 'encoder', { strict: false })],
  ['nothing is asserted', (of) => ({ ...of, assertions: [] })],
  ['less is asserted', (of) => ({ ...of, assertions: ASSERTIONS.slice(1) })],
  ['the encoder paces the gate', (of) => withMemory(of, 'raw', (memory) => ({ ...memory, paced: true }))],
]

interface Stage {
  readonly host: ScriptedHost
  readonly realms: readonly ScriptedRealm[]
}

function stage(): Stage {
  const host = new ScriptedHost({ dramSize: 0x40_0000 })
  host.addSharedGranuleTable()
  const realms = NAMES.map((_, image) => host.createRealm({ image, policyGranules: 1, ramPages: 4 }))
  for (const [index, place] of PLACES.entries()) {
    host.share(1, [realms[index]!, place * PAGE], [realms[(index + 1) % 3]!, place * PAGE])
  }
  realms[0]!.mapUnprotected(host.page(), UNPROTECTED + NIC * PAGE)
  return { host, realms }
}

/** Measurements follow from images, so every stage has these. */
const RIMS = stage().realms.map(({ rim }) => rim)
const AUTHORED = authored(RIMS)
const blobOf = (of: Workflow, name: string): Uint8Array => {
  const projection = project(of, name)
  return projection.kind === 'policy' ? encodeBlob(projection.policy) : expect.fail(projection.fact.rule)
}

/** Hands each Realm a blob, and asks the first that took it for a report: how many did, and what the client says to that. */
function judged(blobs: readonly Uint8Array[]): { readonly taken: number; readonly verdict: string | undefined } {
  const { realms } = stage()
  const taken = realms.filter((realm, index) => realm.upload(blobs[index]!)[0] === 0)
  const [asked] = taken
  if (asked === undefined) return { taken: 0, verdict: undefined }
  const expectations = {
    peers: new Map(NAMES.map((name, index) => [name, [RIMS[index]!]])),
    assertions: ASSERTIONS,
    present: 'all',
  } as const
  return { taken: taken.length, verdict: outcomeOf(judgeReport(groupToken(asked, 7n), 7n, expectations)) }
}

const AUTHORED_BLOBS = NAMES.map((name) => blobOf(AUTHORED, name))
/** Who else is handed another policy than all: one, or all but the gate, which asks. */
const VICTIMS = [[0], [1], [2], [1, 2]] as const

test('control: what the author wrote is affirmed', () => {
  expect(judged(AUTHORED_BLOBS)).toEqual({ taken: 3, verdict: 'accepted' })
})

describe.each(OTHERS)('a host that would have it that %s', (_, change) => {
  const others = NAMES.map((name) => blobOf(change(AUTHORED, RIMS), name))

  test('is not affirmed, whoever of them it hands that', () => {
    const all = judged(others)
    // The monitor takes it from all of them: there is nothing but the verdict to stop it.
    expect(all.taken).toBe(3)
    expect(all.verdict).not.toBe('accepted')
    for (const victims of VICTIMS) {
      const blobs = AUTHORED_BLOBS.map((blob, index) => (victims.some((one) => one === index) ? others[index]! : blob))
      const isChanged = blobs.some((blob, index) => !Buffer.from(blob).equals(AUTHORED_BLOBS[index]!))
      if (isChanged) expect(judged(blobs).verdict, `handed to ${victims}`).not.toBe('accepted')
    }
  })
})

test('a member is handed the policy of every other member, and the group that is left is not affirmed', () => {
  for (const [victim] of NAMES.entries()) {
    for (const [other] of NAMES.entries()) {
      if (other === victim) continue
      const { taken, verdict } = judged(AUTHORED_BLOBS.with(victim, AUTHORED_BLOBS[other]!))
      expect([taken, verdict]).toEqual([2, 'missing-member'])
    }
  }
})
