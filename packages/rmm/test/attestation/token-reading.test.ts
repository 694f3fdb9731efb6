import { type CborValue, decodeCbor } from '@mica/policy/cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  RMI_DATA_DESTROY,
  RMI_EXIT_IRQ,
  RSI_ATTESTATION_TOKEN_CONTINUE,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_ERROR_INPUT,
  RSI_ERROR_STATE,
  RSI_INCOMPLETE,
  RSI_MEASUREMENT_EXTEND,
  RSI_SUCCESS,
} from '../../src/abi/index.ts'
import type { RmmOptions } from '../../src/index.ts'
import { type Job, PAGE, RAM, ScriptedHost, type ScriptedRec, UNPROTECTED } from '../scripted-host.ts'

const CHALLENGE = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]
const EMPTY = RAM + 64 * PAGE

function recOf(options: RmmOptions = {}): ScriptedRec {
  return new ScriptedHost({ mica: false, ...options }).createRealm().recs[0]!
}

const begin = (rec: ScriptedRec, challenge: readonly bigint[] = CHALLENGE): readonly bigint[] =>
  rec.call(RSI_ATTESTATION_TOKEN_INIT, ...challenge)

/** One RSI_ATTESTATION_TOKEN_CONTINUE: what it answers, and what it wrote. */
function part(ipa: number, offset: number, size: number): Job<{ x: readonly bigint[]; bytes: Uint8Array }> {
  return function* (cpu) {
    const x = yield* cpu.smc([RSI_ATTESTATION_TOKEN_CONTINUE, BigInt(ipa), BigInt(offset), BigInt(size)])
    return { x: x.slice(0, 2), bytes: yield* cpu.load(ipa + offset, Number(x[1])) }
  }
}

/** A whole token, read in one piece. */
function token(rec: ScriptedRec, challenge?: readonly bigint[]): Uint8Array {
  begin(rec, challenge)
  const { x, bytes } = rec.perform(part(RAM, 0, PAGE)).value!
  expect(x[0]).toBe(RSI_SUCCESS)
  return bytes
}

function decode(bytes: Uint8Array): CborValue {
  const decoding = decodeCbor(bytes, { deterministic: false })
  if (decoding.kind === 'malformed') throw new Error(decoding.reason)
  return decoding.value
}

/** The claims in a COSE_Sign1. */
function claimsOf(statement: Uint8Array): ReadonlyMap<number, CborValue> {
  const { tag, value } = decode(statement) as unknown as { tag: number; value: Uint8Array[] }
  expect(tag).toBe(18)
  return decode(value[2]!) as ReadonlyMap<number, CborValue>
}

test('a token read in pieces of any sizes, at any places, is the token read at once', () => {
  const rec = recOf()
  const whole = token(rec)
  const pieces = fc.array(fc.tuple(fc.nat(PAGE - 1), fc.nat(300), fc.nat(3)), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(pieces, (plan) => {
      begin(rec)
      const read: number[] = []
      for (let i = 0; read.length < whole.length; i++) {
        const [offset, size, page] = plan[i % plan.length]!
        const fitting = Math.min(size + (i < plan.length ? 0 : 1), PAGE - offset)
        const { x, bytes } = rec.perform(part(RAM + page * PAGE, offset, fitting)).value!
        expect(bytes.length).toBe(Math.min(fitting, whole.length - read.length))
        read.push(...bytes)
        expect(x[0]).toBe(read.length < whole.length ? RSI_INCOMPLETE : RSI_SUCCESS)
      }
      expect(Uint8Array.from(read)).toEqual(whole)
    }),
    { numRuns: 12 },
  )
})

test('nothing but the piece is written', () => {
  const rec = recOf()
  begin(rec)
  const { value } = rec.perform(function* (cpu) {
    yield* cpu.store(RAM, new Uint8Array(PAGE).fill(0xee))
    yield* cpu.smc([RSI_ATTESTATION_TOKEN_CONTINUE, BigInt(RAM), 0x10n, 0x20n])
    return yield* cpu.load(RAM, PAGE)
  })
  expect(value!.subarray(0, 0x10).every((byte) => byte === 0xee)).toBe(true)
  expect(value!.subarray(0x30).every((byte) => byte === 0xee)).toBe(true)
  expect(Buffer.from(value!.subarray(0x10, 0x15)).toString('hex')).toBe('d9018fa219')
})

test('a piece of no bytes is no progress, and no error', () => {
  const rec = recOf()
  begin(rec)
  expect(rec.call(RSI_ATTESTATION_TOKEN_CONTINUE, RAM, 0, 0).slice(0, 2)).toEqual([RSI_INCOMPLETE, 0n])
  expect(rec.perform(part(RAM, 0, PAGE)).value!.x[0]).toBe(RSI_SUCCESS)
})

test.each<[string, number | bigint, number | bigint, number | bigint]>([
  ['an address within a page', RAM + 0x800, 0, 16],
  ['an unprotected address', UNPROTECTED, 0, 16],
  ['an address beyond the address space', 2 ** 40, 0, 16],
  ['an address that a double would round to a page', 2n ** 64n - 1n, 0, 16],
  ['an offset at the end of the page', RAM, PAGE, 0],
  ['a piece that leaves the page', RAM, 1, PAGE],
  ['a size of all ones', RAM, 16, 2n ** 64n - 1n],
  ['an offset of all ones, which the size would carry around to the start', RAM, 2n ** 64n - 16n, 32],
])('%s is refused, begun or not, and the token is not lost', (_, ipa, offset, size) => {
  const rec = recOf()
  expect(rec.call(RSI_ATTESTATION_TOKEN_CONTINUE, ipa, offset, size)[0]).toBe(RSI_ERROR_INPUT)
  begin(rec)
  expect(rec.call(RSI_ATTESTATION_TOKEN_CONTINUE, ipa, offset, size).slice(0, 2)).toEqual([RSI_ERROR_INPUT, 0n])
  expect(rec.perform(part(RAM, 0, PAGE)).value!.x[0]).toBe(RSI_SUCCESS)
})

test('a page declared empty is refused only once a token was begun', () => {
  const rec = recOf()
  expect(rec.call(RSI_ATTESTATION_TOKEN_CONTINUE, EMPTY, 0, 16)[0]).toBe(RSI_ERROR_STATE)
  begin(rec)
  expect(rec.call(RSI_ATTESTATION_TOKEN_CONTINUE, EMPTY, 0, 16)[0]).toBe(RSI_ERROR_INPUT)
})

test('a page that the host took away is an exit, as often as the call is made', () => {
  const host = new ScriptedHost({ mica: false })
  const realm = host.createRealm()
  const rec = realm.recs[0]!
  begin(rec)
  host.demand(RMI_DATA_DESTROY, realm.rd, RAM + PAGE)
  const exits = [rec.begin(part(RAM + PAGE, 0, PAGE)), rec.enter()]
  for (const exit of exits) {
    expect(exit).toMatchObject({ exit_reason: 0, esr: (0x24n << 26n) + 7n, hpfar: BigInt((RAM + PAGE) / 256) })
  }
})

test('without INIT, and after the last piece, there is nothing to continue', () => {
  const rec = recOf()
  expect(rec.call(RSI_ATTESTATION_TOKEN_CONTINUE, RAM, 0, PAGE).slice(0, 2)).toEqual([RSI_ERROR_STATE, 0n])
  token(rec)
  expect(rec.call(RSI_ATTESTATION_TOKEN_CONTINUE, RAM, 0, PAGE).slice(0, 2)).toEqual([RSI_ERROR_STATE, 0n])
})

test('INIT again drops the token that was being read', () => {
  const rec = recOf()
  begin(rec)
  rec.perform(part(RAM, 0, 100))
  expect(begin(rec, [9n, 9n, 9n, 9n, 9n, 9n, 9n, 9n])[1]).toBe(0x1000n)
  const { bytes } = rec.perform(part(RAM, 0, PAGE)).value!
  expect(bytes).toEqual(token(recOf(), [9n, 9n, 9n, 9n, 9n, 9n, 9n, 9n]))
})

test('a token says what was so when it was asked for', () => {
  const rec = recOf()
  const before = token(rec)
  begin(rec)
  rec.call(RSI_MEASUREMENT_EXTEND, 1, 8, 0xabc)
  expect(rec.perform(part(RAM, 0, PAGE)).value!.bytes).toEqual(before)
  expect(token(rec)).not.toEqual(before)
})

test('an interrupt that waits while a token is signed goes to the host first; the Realm has got nothing, and calls again', () => {
  const rec = new ScriptedHost({ mica: false, quantum: 1 }).createRealm().recs[0]!
  const answers: (readonly bigint[])[] = []
  const { exits } = rec.perform(function* (cpu) {
    yield* cpu.smc([RSI_ATTESTATION_TOKEN_INIT, ...CHALLENGE])
    for (let status = RSI_INCOMPLETE; status === RSI_INCOMPLETE; ) {
      const x = yield* cpu.smc([RSI_ATTESTATION_TOKEN_CONTINUE, BigInt(RAM), 0n, BigInt(PAGE), 4n])
      answers.push(x.slice(0, 5))
      status = x[0]!
    }
  })
  // Interrupts do not keep it from coming to an end.
  expect(answers.slice(0, -1)).toEqual(new Array(3).fill([RSI_INCOMPLETE, 0n, 0n, 0n, 4n]))
  expect(answers.at(-1)![0]).toBe(RSI_SUCCESS)
  expect(exits.every((exit) => exit.exit_reason === RMI_EXIT_IRQ && exit.gprs.every((x) => x === 0n))).toBe(true)
})

test('each REC reads a token of its own', () => {
  const { recs } = new ScriptedHost({ mica: false }).createRealm({ recs: [{}, {}] })
  const [first, second] = [recs[0]!, recs[1]!]
  begin(first)
  expect(second.call(RSI_ATTESTATION_TOKEN_CONTINUE, RAM, 0, PAGE)[0]).toBe(RSI_ERROR_STATE)
  begin(second)
  first.perform(part(RAM, 0, PAGE))
  expect(second.perform(part(RAM, 0, PAGE)).value!.x[0]).toBe(RSI_SUCCESS)
})

test('the later form of a collection holds the same two statements, each with its content type', () => {
  const plain = decode(token(recOf())) as { tag: number; value: ReadonlyMap<number, Uint8Array> }
  const typed = decode(token(recOf({ tokenFormat: 'tag-907' }))) as {
    tag: number
    value: ReadonlyMap<number, readonly [number, Uint8Array]>
  }
  expect([plain.tag, typed.tag]).toEqual([399, 907])
  expect([...typed.value.keys()]).toEqual([44234, 44241])
  for (const key of [44234, 44241]) expect(typed.value.get(key)).toEqual([263, plain.value.get(key)])
})

test('the platform half is bound to the key that the Realm half carries', () => {
  const { value } = decode(token(recOf())) as { value: ReadonlyMap<number, Uint8Array> }
  const realm = claimsOf(value.get(44241)!)
  const key = realm.get(44237) as Uint8Array
  expect(key).toHaveLength(107)
  expect(claimsOf(value.get(44234)!).get(10)).toEqual(sha256(key))
  expect([...realm.keys()]).toEqual([10, 44235, 44237, 44236, 44240, 265, 44238, 44239])
})
