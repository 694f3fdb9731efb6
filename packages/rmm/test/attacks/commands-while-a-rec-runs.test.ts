import { encodeBlob } from '@mica/policy'
import { describe, expect, test } from 'vitest'
import { brokenInvariants } from '../../lab/invariants.ts'
import {
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_DATA_DESTROY,
  RMI_DATA_DESTROY_SHARED,
  RMI_REALM_PD,
  RMI_RTT_DESTROY,
  RSI_UPLOAD_POLICY,
} from '../../src/abi/index.ts'
import { PAGE, RAM, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { joined, LINK, type Linked, linked, look, policyOf, rightsAt, ruleName, SECRET, upload } from './arena.ts'

// Another PE issues host commands while a guest runs, at each point before, between and after the steps of its upload.

/** Puts a policy into memory and uploads it, and lets the host do something else at one of four moments. */
function uploadWith(realm: ScriptedRealm, blob: Uint8Array, moment: number, other: () => void): string | undefined {
  const { value, exception } = realm.perform(function* (cpu) {
    if (moment === 0) other()
    yield* cpu.store(RAM, blob.subarray(0, 40))
    if (moment === 1) other()
    yield* cpu.store(RAM + 40, blob.subarray(40))
    if (moment === 2) other()
    const x = yield* cpu.smc([RSI_UPLOAD_POLICY, BigInt(RAM), BigInt(blob.length)])
    if (moment === 3) other()
    return x[0] === 0n ? 'accepted' : ruleName(Number(x[1]))
  })
  return exception ?? value
}

interface Race {
  readonly name: string
  readonly command: (pair: Linked) => readonly [number, number]
  /** What the upload comes to with the command before it, and what the command answers after it. */
  readonly before: string
  readonly after: number
}

const RACES: readonly Race[] = [
  {
    name: 'maps one more granule',
    command: ({ host, left }) => host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, left.rd, host.delegated(), LINK + PAGE),
    before: 'mapping-unlisted',
    after: 2,
  },
  {
    name: 'takes the channel out',
    command: ({ host, left }) => host.status(RMI_DATA_DESTROY_SHARED, left.rd, LINK),
    before: 'memory-not-covered',
    after: 0,
  },
  {
    name: 'swaps the granule of the channel',
    command: ({ host, left }) => {
      host.demand(RMI_DATA_DESTROY_SHARED, left.rd, LINK)
      return host.status(RMI_DATA_CREATE_UNKNOWN_SHARED, left.rd, host.delegated(), LINK)
    },
    before: 'accepted',
    after: 2,
  },
  {
    name: 'gives more room for policies',
    command: ({ host, left }) => host.status(RMI_REALM_PD, left.rd, host.delegated()),
    before: 'accepted',
    after: 2,
  },
  {
    name: 'opens a window to its own memory',
    command: ({ host, left }) => left.mapUnprotected(host.page(), UNPROTECTED),
    before: 'accepted',
    after: 1,
  },
  {
    name: 'destroys the table under the channel',
    command: ({ host, left }) => host.status(RMI_RTT_DESTROY, left.rd, LINK, 3),
    before: 'accepted',
    after: 4,
  },
]

describe.each(RACES)('another PE $name', ({ command, before, after }) => {
  test.each([0, 1, 2])('before the upload, at moment %s: what is validated is what is there', (moment) => {
    const pair = linked()
    const blob = encodeBlob(policyOf(pair.policy('left')))
    expect(uploadWith(pair.left, blob, moment, () => void command(pair))).toBe(before)
    expect(rightsAt(pair.left, UNPROTECTED)).toBe('-')
    expect(brokenInvariants(pair.host)).toEqual([])
  })

  test('after the upload, while the guest still runs: only taking away succeeds', () => {
    const pair = linked()
    const blob = encodeBlob(policyOf(pair.policy('left')))
    let answer: readonly [number, number] | undefined
    const outcome = uploadWith(pair.left, blob, 3, () => {
      answer = command(pair)
    })
    expect(outcome).toBe('accepted')
    expect(answer![0]).toBe(after)
    expect(brokenInvariants(pair.host)).toEqual([])
  })
})

test('a granule that was swapped before the upload joins nobody: the other end has another one', () => {
  const pair = linked()
  const swap = RACES.find(({ name }) => name.startsWith('swaps'))!
  const blob = encodeBlob(policyOf(pair.policy('left')))
  expect(uploadWith(pair.left, blob, 2, () => void swap.command(pair))).toBe('accepted')
  expect(upload(pair.right, pair.policy('right'))).toBe('accepted')
  pair.left.perform((cpu) => cpu.store64(LINK, SECRET))
  expect(look(pair.right, LINK)).toBe(0n)
})

test('a channel that another PE takes out between two accesses is gone at the second', () => {
  const { host, left } = joined()
  const { exception } = left.perform(function* (cpu) {
    yield* cpu.store64(LINK, 1n)
    host.demand(RMI_DATA_DESTROY_SHARED, left.rd, LINK)
    yield* cpu.store64(LINK, 2n)
  })
  expect(exception).toBe('SynchronousExternalAbort')
})

test('the page of the policy taken away under the upload is an abort, and not half a policy', () => {
  const { host, left, policy } = linked()
  const blob = encodeBlob(policyOf(policy('left')))
  const exit = left.begin(function* (cpu) {
    yield* cpu.store(RAM + 8 * PAGE, blob)
    host.demand(RMI_DATA_DESTROY, left.rd, RAM + 8 * PAGE)
    yield* cpu.smc([RSI_UPLOAD_POLICY, BigInt(RAM + 8 * PAGE), BigInt(blob.length)])
  })
  expect(exit).toMatchObject({ hpfar: BigInt((RAM + 8 * PAGE) / 256) })
  expect(left.realm.policy).toBeUndefined()
})

test('a Realm of which another REC runs on another PE cannot upload; when that one has stopped, it can', () => {
  const { host } = linked()
  const realm = host.createRealm({ image: 5, policyGranules: 1, recs: [{}, {}] })
  const [first, second] = [realm.recs[0]!, realm.recs[1]!]
  const blob = encodeBlob(policyOf({ self: 'me', peers: { me: { rim: realm.rim } } }))
  const answers: bigint[] = []
  const submit = (): void => {
    const done = first.perform(function* (cpu) {
      yield* cpu.store(RAM, blob)
      return (yield* cpu.smc([RSI_UPLOAD_POLICY, BigInt(RAM), BigInt(blob.length)]))[0]!
    })
    answers.push(done.value!)
  }
  // biome-ignore lint/correctness/useYield: the guest does nothing but to run meanwhile.
  second.begin(function* () {
    submit()
  })
  submit()
  expect(answers).toEqual([2n, 0n])
})

test('control: without another PE the upload is accepted', () => {
  const { left, policy } = linked()
  expect(uploadWith(left, encodeBlob(policyOf(policy('left'))), 9, () => {})).toBe('accepted')
})
