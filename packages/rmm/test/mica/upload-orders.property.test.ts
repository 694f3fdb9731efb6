import {
  type Channel,
  compatibleSet,
  encodeBlob,
  type Mapping,
  type Policy,
  project,
  RIGHT,
  type Transition,
  type Workflow,
  type WorkflowMemory,
  type WorkflowPeer,
  zeroRpv,
} from '@mica/policy'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { machineState } from '../../lab/machine-state.ts'
import { MICA_ALL_MEMORIES, RSI_MICA_LEAVE, RSI_MICA_REJOIN, RSI_UPLOAD_POLICY } from '../../src/abi/index.ts'
import { PAGE, RAM, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { at } from './pipeline.ts'
import { objection } from './sharing-oracle.ts'

const NAMES = ['a', 'b', 'c', 'd'] as const
/** Where memory `index` of a workflow lies, in granules: eight apart, in the table that {@link RAM} leaves free. */
const place = (index: number): number => 0x200 + 8 * index
const RIGHTS = [RIGHT.read, RIGHT.write, RIGHT.read | RIGHT.write, RIGHT.read | RIGHT.execute]

/** Measurements of the Realms that {@link build} makes: they follow from the image alone. */
const RIMS: readonly Uint8Array[] = (() => {
  const host = new ScriptedHost()
  return NAMES.map((_, image) => host.createRealm({ image, policyGranules: 1 }).rim)
})()

/** One Realm to be: its image, and the workflow that the author of its policy wrote. */
interface Tenant {
  readonly image: number
  readonly peer: string
  readonly workflow: Workflow
}

/** Realms, and which of them hold each shared memory of the machine; the policy of each is of its own making. */
interface Scene {
  readonly tenants: readonly Tenant[]
  readonly places: readonly { readonly granules: number; readonly holders: readonly number[] }[]
}

interface Words {
  readonly strict: boolean
  readonly known: boolean
  readonly gateway?: boolean
  /** Whether the last image may take this peer's place as well. */
  readonly replaceable?: boolean
}

const peerOf = (name: string, { strict, known, gateway = false, replaceable = false }: Words): WorkflowPeer => ({
  name,
  gateway,
  strict,
  rims: known ? [RIMS[NAMES.indexOf(name as 'a')]!, ...(replaceable ? [RIMS.at(-1)!] : [])] : [],
  trusted: false,
})

/** A page of the host's for each gateway. */
const WINDOWS = NAMES.map((_, index) => 0x10 + index)

const windowOf = (peer: number): WorkflowMemory => ({
  name: `window${peer}`,
  kind: 'unprotected',
  granules: 1,
  mappings: [{ peer, rights: RIGHT.read, ipaGranule: WINDOWS[peer]! }],
  paced: false,
})

/** Transitions that a policy may list: more than the defaults allow, or less. */
const LISTED: readonly Omit<Transition, 'peer'>[] = [
  { class: 'call', action: 'scrub', ranges: [[0xc400_0199, 0xc400_0199]] },
  { class: 'exception', action: 'allow', ranges: [[0x24, 0x24]] },
  { class: 'call', action: 'block', ranges: [[0xc400_0190, 0xc400_0190]] },
]

const rights = fc.constantFrom(...RIGHTS)

const memory = (index: number, peers: number): fc.Arbitrary<WorkflowMemory> =>
  fc
    .record({
      granules: fc.integer({ min: 1, max: 2 }),
      holders: fc.uniqueArray(fc.nat(peers - 1), { minLength: 1, maxLength: 3 }),
      rights: fc.array(rights, { minLength: 4, maxLength: 4 }),
      pinned: fc.boolean(),
      any: fc.option(fc.constantFrom(undefined, 1, 2), { freq: 3 }),
    })
    .map(({ granules, holders, rights: chosen, pinned, any }) => {
      const ipaGranule = pinned ? place(index) : null
      const mappings: Mapping[] = holders.map((peer, i) => ({ peer, rights: chosen[i]!, ipaGranule }))
      if (any !== null) {
        mappings.push({ peer: null, rights: chosen[3]!, ipaGranule: null, ...(any ? { anyCount: any } : {}) })
      }
      return { name: `m${index}`, kind: 'protected', granules, mappings, paced: false }
    })

const workflow = (peers: number): fc.Arbitrary<Workflow> =>
  fc
    .record({
      words: fc.array(
        fc.record({
          strict: fc.boolean(),
          known: fc.constantFrom(true, true, true, false),
          gateway: fc.boolean(),
        }),
        { minLength: peers, maxLength: peers },
      ),
      replaceable: fc.boolean(),
      memories: fc
        .integer({ min: 1, max: 4 })
        .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => memory(i, peers)))),
      listed: fc.array(fc.tuple(fc.nat(peers - 1), fc.constantFrom(...LISTED)), { maxLength: 2 }),
    })
    .map(({ words, memories, listed, replaceable }) => ({
      name: 'w',
      peers: words.map((of, index) =>
        // Where there is an image to spare, the first peer may be that one as well.
        peerOf(NAMES[index]!, { ...of, replaceable: replaceable && index === 0 && peers < NAMES.length }),
      ),
      memories: [...memories, ...words.flatMap(({ gateway }, peer) => (gateway ? [windowOf(peer)] : []))],
      transitions: uniqueBy(listed.map(([peer, rule]) => ({ ...rule, peer }))),
      assertions: [],
    }))

/** One rule for each peer and class: two about one transition are an error. */
const uniqueBy = (rules: readonly Transition[]): readonly Transition[] =>
  rules.filter(
    (rule, index) => rules.findIndex(({ peer, class: kind }) => peer === rule.peer && kind === rule.class) === index,
  )

/** Who comes besides the Realms of a workflow: nobody, others that only `any` lets in, one of them once more, or another image in its place. */
type Guests = 'none' | 'stranger' | 'two strangers' | 'replica' | 'heir'

/** The Realms of one workflow, each with its projection, and guests as far as there are images and places for them. */
function sceneOf(whole: Workflow, guests: Guests): Scene {
  const tenants = whole.peers.map(({ name }, image): Tenant => ({ image, peer: name, workflow: whole }))
  const shared = whole.memories.filter(({ kind }) => kind === 'protected')
  const places = shared.map(({ granules, mappings }) => ({
    granules,
    holders: mappings.flatMap(({ peer }) => peer ?? []),
  }))
  if (guests === 'replica' || guests === 'heir') {
    for (const { holders } of places) if (holders.includes(0)) holders.push(tenants.length)
    const second = guests === 'heir' ? { ...tenants[0]!, image: NAMES.length - 1 } : tenants[0]!
    return { tenants: [...tenants, second], places }
  }
  const open = shared.findIndex(({ mappings }) => mappings.some(({ peer }) => peer === null))
  const strangers = open < 0 || guests === 'none' ? 0 : guests === 'stranger' ? 1 : 2
  for (let left = strangers; left > 0 && tenants.length < NAMES.length; left--) {
    places[open]!.holders.push(tenants.length)
    tenants.push(strangerTo(shared[open]!, tenants.length))
  }
  return { tenants, places }
}

/** A Realm whose author knows nothing but a memory that lets anybody in. */
function strangerTo({ granules, mappings }: WorkflowMemory, image: number): Tenant {
  const peer = NAMES[image]!
  const { rights } = mappings.find((mapping) => mapping.peer === null)!
  const own: WorkflowMemory = {
    name: 'theirs',
    kind: 'protected',
    granules,
    mappings: [
      { peer: 0, rights, ipaGranule: null },
      { peer: null, rights: 7, ipaGranule: null },
    ],
    paced: false,
  }
  const peers = [peerOf(peer, { strict: true, known: true })]
  return { image, peer, workflow: { name: 'alone', peers, memories: [own], transitions: [], assertions: [] } }
}

/** Ways in which an author may see a workflow otherwise than the others. */
const DISSENT: readonly ((of: Workflow, index: number) => Workflow)[] = [
  (of) => ({ ...of, peers: of.peers.map((peer) => ({ ...peer, strict: true })) }),
  (of) => ({ ...of, peers: of.peers.map((peer) => ({ ...peer, rims: [...peer.rims].reverse().slice(1) })) }),
  (of, index) => ({
    ...of,
    transitions: [{ peer: index % of.peers.length, class: 'exception', action: 'allow', ranges: [[0x24, 0x24]] }],
  }),
  (of, index) => changeMemory(of, index, (one) => ({ ...one, name: 'renamed' })),
  (of, index) =>
    changeMemory(of, index, (one) => ({
      ...one,
      mappings: one.mappings.map((mapping) => ({ ...mapping, rights: RIGHT.read | RIGHT.write })),
    })),
  (of, index) =>
    changeMemory(of, index, (one) => ({ ...one, mappings: one.mappings.filter(({ peer }) => peer !== null) })),
  (of, index) =>
    changeMemory(of, index, (one) => ({
      ...one,
      mappings: one.mappings.map((each) => ({ ...each, rights: RIGHT.read })),
    })),
]

function changeMemory(of: Workflow, index: number, change: (memory: WorkflowMemory) => WorkflowMemory): Workflow {
  const at = index % of.memories.length
  return { ...of, memories: of.memories.map((memory, i) => (i === at ? change(memory) : memory)) }
}

const scene: fc.Arbitrary<Scene> = fc
  .integer({ min: 2, max: 4 })
  .chain((peers) =>
    fc.tuple(
      workflow(peers),
      fc.constantFrom<Guests[]>('none', 'none', 'stranger', 'two strangers', 'replica', 'heir'),
    ),
  )
  .filter(([{ peers }, guests]) => peers.length < NAMES.length || guests === 'none')
  .map(([whole, guests]) => sceneOf(whole, guests))

/** A scene of which one author may have had another idea. */
const dissentingScene: fc.Arbitrary<Scene> = fc
  .tuple(scene, fc.nat(3), fc.constantFrom(undefined, ...DISSENT), fc.nat(3))
  .map(([{ tenants, places }, who, dissent, index]) => ({
    places,
    tenants: tenants.map((tenant, i) =>
      i !== who % tenants.length || dissent === undefined
        ? tenant
        : { ...tenant, workflow: dissent(tenant.workflow, index) },
    ),
  }))

function policyOf({ peer, workflow: of }: Tenant): Policy {
  const projection = project(of, peer)
  if (projection.kind === 'refused') throw new Error(projection.fact.rule)
  return projection.policy
}

/** The Realms of a scene with their memories mapped, always in the same order; no policy is uploaded. */
function build({ tenants, places }: Scene): { host: ScriptedHost; realms: readonly ScriptedRealm[] } {
  const host = new ScriptedHost({ limits: { quantum: 0 } })
  host.addSharedGranuleTable()
  const realms = tenants.map(({ image }) => host.createRealm({ image, policyGranules: 1 }))
  for (const [index, { granules, holders }] of places.entries()) {
    host.share(granules, ...holders.map((holder) => [realms[holder]!, at(place(index))] as const))
  }
  // More than any policy lists: what is left afterwards is for the policies to say.
  for (const realm of realms) {
    for (const page of WINDOWS) {
      expect(realm.mapUnprotected(host.page(), UNPROTECTED + at(page))).toEqual([0, 0])
    }
  }
  // What the guests do before they upload is no part of what an upload changes.
  for (const [index, realm] of realms.entries()) {
    realm.perform((cpu) => cpu.store(RAM + 2 * PAGE, encodeBlob(policyOf(tenants[index]!))))
  }
  return { host, realms }
}

/** The channels among some of the Realms: the n-th memory that a policy gives its Self is the n-th place it holds. */
function channelsAmong({ tenants, places }: Scene, members: readonly number[]): readonly Channel[] {
  const own = tenants.map((tenant) => {
    const { memories, self } = policyOf(tenant)
    return [...memories.keys()].filter((index) => {
      const { kind, mappings } = memories[index]!
      return kind === 'protected' && mappings.some(({ peer }) => peer === self)
    })
  })
  const seen = tenants.map(() => 0)
  return places.flatMap(({ holders }) => {
    const held = holders.map((tenant) => ({ tenant, memory: own[tenant]![seen[tenant]!++]! }))
    const here = held.filter(({ tenant }) => members.includes(tenant))
    if (here.length === 0) return []
    return [{ holders: here.map(({ tenant, memory: index }) => ({ member: members.indexOf(tenant), memory: index })) }]
  })
}

const isCompatible = (of: Scene, members: readonly number[]): boolean =>
  compatibleSet(
    members.map((index) => {
      const tenant = of.tenants[index]!
      return { rim: RIMS[tenant.image]!, rpv: zeroRpv(), policy: policyOf(tenant) }
    }),
    channelsAmong(of, members),
  ).length === 0

/** A few orders of `count` things. */
const orders = (count: number): fc.Arbitrary<readonly (readonly number[])[]> =>
  fc.uniqueArray(fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }), {
    minLength: 2,
    maxLength: 3,
    selector: (order) => order.join(),
  })

/** What guests were answered; the records of the extension, which stand in the order of uploads. */
const HISTORY = /\.guest\.|^monitor\.extension/
const REFUSAL = /\.guest\.|\.refusals /

const upload = (of: Scene, realm: ScriptedRealm, index: number): boolean => {
  const blob = encodeBlob(policyOf(of.tenants[index]!))
  return realm.call(RSI_UPLOAD_POLICY, RAM + 2 * PAGE, blob.length)[0] === 0n
}

/** Judges by the oracle what Realms reach now; `inForce` are those whose policies were accepted. */
function expectAllowed(of: Scene, realms: readonly ScriptedRealm[], inForce: readonly number[]): void {
  const judged = realms.map((realm, index) => {
    return { realm, policy: inForce.includes(index) ? policyOf(of.tenants[index]!) : undefined }
  })
  expect(objection(judged, { first: place(0), stride: 8, runs: 4, windows: WINDOWS })).toBeUndefined()
}

test('laws 3 and 4: whatever is uploaded, an oracle that shares no code with `policy` objects to no right of anybody', () => {
  const cases = dissentingScene.chain((of) => fc.tuple(fc.constant(of), orders(of.tenants.length)))
  fc.assert(
    fc.property(cases, ([of, [order = []]]) => {
      const { realms } = build(of)
      const inForce: number[] = []
      for (const index of order) {
        if (upload(of, realms[index]!, index)) inForce.push(index)
        expectAllowed(of, realms, inForce)
      }
    }),
    { numRuns: 16 },
  )
})

test('law 5: a compatible set reaches the same final state in every upload order', () => {
  const cases = scene
    .filter((of) => isCompatible(of, [...of.tenants.keys()]))
    .chain((of) => fc.tuple(fc.constant(of), orders(of.tenants.length)))
  fc.assert(
    fc.property(cases, ([of, all]) => {
      const states = all.map((order) => {
        const { host, realms } = build(of)
        for (const index of order) expect(upload(of, realms[index]!, index)).toBe(true)
        expectAllowed(of, realms, order)
        return machineState(host, HISTORY)
      })
      expect(new Set(states).size).toBe(1)
    }),
    { numRuns: 8 },
  )
})

test('law 5: of an incompatible set some member is refused in every order, and a refusal changes nothing', () => {
  const cases = dissentingScene
    .filter((of) => !isCompatible(of, [...of.tenants.keys()]))
    .chain((of) => fc.tuple(fc.constant(of), orders(of.tenants.length)))
  fc.assert(
    fc.property(cases, ([of, all]) => {
      for (const order of all) {
        const { host, realms } = build(of)
        const members: number[] = []
        for (const index of order) {
          // The monitor, one Realm at a time, decides as the compiler does about the whole.
          const fits = isCompatible(of, [...members, index])
          const before = fits ? '' : machineState(host, REFUSAL)
          expect(upload(of, realms[index]!, index)).toBe(fits)
          if (fits) members.push(index)
          else expect(machineState(host, REFUSAL)).toBe(before)
        }
        expect(members.length).toBeLessThan(order.length)
      }
    }),
    { numRuns: 8 },
  )
})

/** Leaves and returns, each by which Realm and of which of its memories; 0 means all. */
const moves = fc.array(fc.record({ who: fc.nat(3), memory: fc.nat(4), leaves: fc.boolean() }), { maxLength: 8 })

test('law 5: whoever leaves and returns in between, a compatible set ends where it would have without', () => {
  const cases = scene
    .filter((of) => isCompatible(of, [...of.tenants.keys()]))
    .chain((of) => fc.tuple(fc.constant(of), orders(of.tenants.length), moves))
  fc.assert(
    fc.property(cases, ([of, [steady = [], restless = []], between]) => {
      const settled = build(of)
      for (const index of steady) expect(upload(of, settled.realms[index]!, index)).toBe(true)
      const { host, realms } = build(of)
      for (const [step, index] of restless.entries()) {
        expect(upload(of, realms[index]!, index)).toBe(true)
        for (const { who, memory, leaves } of between.filter((_, i) => i % restless.length === step)) {
          const fid = leaves ? RSI_MICA_LEAVE : RSI_MICA_REJOIN
          const x = realms[who % realms.length]!.call(fid, memory === 0 ? MICA_ALL_MEMORIES : memory - 1)
          // Nobody is refused what it had: at most it holds that still, or never did.
          expect(x[1]).toBe(0n)
          expectAllowed(of, realms, restless.slice(0, step + 1))
        }
      }
      for (const index of steady) realms[index]!.call(RSI_MICA_REJOIN, MICA_ALL_MEMORIES)
      expect(machineState(host, HISTORY)).toBe(machineState(settled.host, HISTORY))
    }),
    { numRuns: 10 },
  )
})
