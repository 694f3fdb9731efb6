import { type AccessKind, GRANULE_SIZE, Stage2Walker } from '@mica/hw-sim'
import { RIGHT } from '@mica/policy'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { brokenInvariants } from '../../lab/invariants.ts'
import {
  MICA_ALL_MEMORIES,
  RMI_DATA_DESTROY_SHARED,
  RMI_GRANULE_UNDELEGATE,
  RSI_MICA_CREDIT,
  RSI_MICA_LEAVE,
  RSI_MICA_NOTIFY,
  RSI_MICA_REJOIN,
  RSI_MICA_REVOKE,
} from '../../src/abi/index.ts'
import { ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'
import { Club, IPA, PAGES } from './club.ts'

const MEMORIES = IPA.map((_, memory) => memory)
const CALLS = [RSI_MICA_LEAVE, RSI_MICA_REJOIN, RSI_MICA_REJOIN, RSI_MICA_REVOKE, RSI_MICA_NOTIFY, RSI_MICA_CREDIT]

type Step =
  | { readonly kind: 'upload'; readonly who: number }
  | { readonly kind: 'call'; readonly who: number; readonly fid: bigint; readonly memory: number }
  | { readonly kind: 'take'; readonly who: number; readonly memory: number; readonly page: number }

const who = fc.nat(3)
/** Memory 4 means all. */
const memory = fc.nat(MEMORIES.length)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('upload' as const), who }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('call' as const), who, fid: fc.constantFrom(...CALLS), memory }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take' as const), who, memory: fc.nat(3), page: fc.nat(1) }) },
)

/** What each of four Realms may do, as its policy says: the last one has the third one's. */
const rightsIn = (club: Club, who: number, memory: number): number =>
  club.policy(0).memories[memory]!.mappings.find(({ peer }) => peer === Math.min(who, 2))?.rights ?? 0

/** The smallest account of who holds what that answers of calls can give. */
class Account {
  readonly held: readonly Set<number>[] = [new Set(), new Set(), new Set(), new Set()]
  readonly revoked = new Set<number>()
  readonly #club: Club

  constructor(club: Club) {
    this.#club = club
  }

  own(who: number, memory: number): number[] {
    return MEMORIES.filter((m) => (memory === MEMORIES.length || m === memory) && rightsIn(this.#club, who, m) !== 0)
  }

  /** Takes note of a call that succeeded. */
  note(step: Step): void {
    const held = this.held[step.who]!
    if (step.kind === 'upload') for (const m of this.own(step.who, MEMORIES.length)) held.add(m)
    else if (step.kind === 'take') held.delete(step.memory)
    else if (step.fid === RSI_MICA_LEAVE) for (const m of this.own(step.who, step.memory)) held.delete(m)
    else if (step.fid === RSI_MICA_REJOIN) for (const m of this.own(step.who, step.memory)) held.add(m)
    else if (step.fid === RSI_MICA_REVOKE) {
      this.revoked.add(step.memory)
      for (const each of this.held) each.delete(step.memory)
    }
  }
}

/** Carries a step out; whether it succeeded. */
function take(club: Club, realms: readonly ScriptedRealm[], step: Step): boolean {
  const realm = realms[step.who]!
  if (step.kind === 'upload') return club.upload(realm, Math.min(step.who, 2))[0] === 0
  if (step.kind === 'call') {
    return realm.call(step.fid, step.memory === MEMORIES.length ? MICA_ALL_MEMORIES : step.memory)[0] === 0n
  }
  const ipa = IPA[step.memory]! + step.page * GRANULE_SIZE
  return club.host.status(RMI_DATA_DESTROY_SHARED, realm.rd, ipa)[0] === 0
}

/** What a PE may do at an address, found by its own walk. */
function reached({ host, realm }: ScriptedRealm, ipa: number): number {
  const { startTableAddress: table, startLevel, ipaBits, lpa2 } = realm.identity
  const walker = new Stage2Walker(host.machine.memory, { table, startLevel, ipaBits, lpa2 })
  const kinds: readonly AccessKind[] = ['read', 'write', 'execute']
  return kinds.reduce((rights, kind) => rights | (walker.walk(ipa, kind) ? RIGHT[kind] : 0), 0)
}

test('laws 3 and 4: whoever uploads, leaves, returns, revokes or is made to leave, PEs reach exactly what is held', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 8, maxLength: 40 }), (steps) => {
      const club = new Club({ host: new ScriptedHost({ limits: { quantum: 0, refusals: 99 } }) })
      club.mapIntoHeir()
      const realms = [club.ann, club.bob, club.cat, club.heir]
      const account = new Account(club)
      for (const step of steps) {
        if (take(club, realms, step)) account.note(step)
        for (const [who, realm] of realms.entries()) {
          for (const memory of MEMORIES) {
            const rights = account.held[who]!.has(memory) ? rightsIn(club, who, memory) & ~RIGHT.owner : 0
            for (let page = 0; page < PAGES[memory]!; page++) {
              expect(reached(realm, IPA[memory]! + page * GRANULE_SIZE)).toBe(rights)
            }
          }
        }
        // One place has one holder, and what is revoked has none.
        expect([...account.held[2]!].filter((memory) => account.held[3]!.has(memory))).toEqual([])
        for (const memory of account.revoked) expect(account.held.some((held) => held.has(memory))).toBe(false)
      }
      expect(brokenInvariants(club.host)).toEqual([])
      takeAllBack(club, realms)
    }),
    { numRuns: 8 },
  )
})

/** Teardown: every shared granule comes back, zeroed, whatever happened. */
function takeAllBack({ host, granules }: Club, realms: readonly ScriptedRealm[]): void {
  for (const realm of realms) {
    for (const memory of MEMORIES) {
      for (let page = 0; page < PAGES[memory]!; page++) {
        host.smc(RMI_DATA_DESTROY_SHARED, realm.rd, IPA[memory]! + page * GRANULE_SIZE)
      }
    }
  }
  const { memory } = host.machine
  for (const granule of granules.flat()) {
    const bytes = memory.granuleBytes((granule - memory.base) / GRANULE_SIZE)
    expect(bytes.every((byte) => byte === 0)).toBe(true)
    host.demand(RMI_GRANULE_UNDELEGATE, granule)
  }
}
