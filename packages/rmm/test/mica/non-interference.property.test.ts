import { createHash } from 'node:crypto'
import { physicalAddressOf, type ScriptedCpu } from '@mica/hw-sim'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  encodeRsiHostCall,
  PSCI_SYSTEM_OFF,
  RMI_DATA_DESTROY,
  RMI_RTT_READ_ENTRY,
  RSI_ATTEST_TOKEN_CONTINUE_GROUP,
  RSI_ATTEST_TOKEN_INIT_GROUP,
  RSI_HOST_CALL,
  RSI_MEASUREMENT_EXTEND,
  rsiCommandName,
} from '../../src/abi/index.ts'
import { type Job, PAGE, RAM, ScriptedHost, type ScriptedRealm, UNPROTECTED } from '../scripted-host.ts'
import { at, CLEAN, CODED, NIC_IPA, type Parts, Pipeline, RAW, ROLES } from './pipeline.ts'

/** A page that the host takes away before the guest runs. */
const GONE = RAM + 8 * PAGE
/** Where accesses go: memory, channels with and without the right, nothing declared, the host's half, beyond the end. */
const PLACES = [
  RAM,
  GONE,
  at(RAW),
  at(CODED),
  at(CLEAN),
  RAM + 64 * PAGE,
  UNPROTECTED,
  NIC_IPA,
  2 ** 32 - PAGE,
  2 ** 40,
]
const RSI = Array.from({ length: 0x40 }, (_, i) => 0xc400_0190n + BigInt(i)).filter((fid) => rsiCommandName(fid))
const FIDS = [...RSI, 0x8400_0000n, 0x8400_0001n, 0x8400_0004n, 0xc400_0003n, 0x8000_0000n, 0x7fff_ffffn]

/** One thing that a guest does, always, with its secret in all of its data. `where` and `what` choose among fixed lists. */
interface Step {
  readonly kind: 'load' | 'store' | 'fetch' | 'copy' | 'call' | 'any-call' | 'measure' | 'host-call' | 'wait' | 'off'
  readonly place: number
  readonly fid: bigint
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    'load',
    'store',
    'fetch',
    'copy',
    'call',
    'call',
    'any-call',
    'measure',
    'host-call',
    'wait',
    'off',
  ),
  place: fc.constantFrom(...PLACES),
  fid: fc.constantFrom(...FIDS),
})

const word = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, value)).buffer)

/** One step. Which instructions run does not depend on the secret; every value in them does, and with `roam` every address. */
function* perform(cpu: ScriptedCpu, { kind, place, fid }: Step, secret: bigint, roam: boolean): ReturnType<Job<void>> {
  const somewhere = roam ? place + Number(secret % 512n) * 8 + Number(secret % 3n) * PAGE : place
  const args = Array.from({ length: 16 }, (_, i) => BigInt.asUintN(64, (secret + 1n) * BigInt(2 * i + 1)))
  switch (kind) {
    case 'load':
      return void (yield* cpu.load(somewhere, 8))
    case 'store':
      return yield* cpu.store(somewhere, word(secret))
    case 'fetch':
      return void (yield* cpu.fetch(somewhere, 8))
    case 'copy':
      return yield* cpu.copy(somewhere, RAM + PAGE, 8)
    case 'call':
      return void (yield* cpu.smc([fid, roam ? args[0]! : BigInt(place), ...args.slice(1)]))
    case 'any-call':
      // Any function of the Realm Services Interface and of the extension, as the secret says.
      return void (yield* cpu.smc([roam ? 0xc400_0190n + (secret % 0x40n) : fid, ...args]))
    case 'measure':
      return void (yield* cpu.smc([RSI_MEASUREMENT_EXTEND, (secret % 4n) + 1n, 8n, secret]))
    case 'host-call':
      yield* cpu.store(RAM + 256, encodeRsiHostCall({ imm: Number(secret & 0xffffn), gprs: args }))
      return void (yield* cpu.smc([RSI_HOST_CALL, BigInt(RAM + 256), ...args]))
    case 'wait':
      return yield* cpu.wfi()
    case 'off':
      return void (yield* cpu.smc([PSCI_SYSTEM_OFF, ...args]))
  }
}

const programOf = (steps: readonly Step[], secret: bigint, roam: boolean): Job<void> =>
  function* (cpu) {
    yield* cpu.store(RAM + PAGE, word(secret))
    for (const one of steps) {
      try {
        yield* perform(cpu, one, secret, roam)
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'SynchronousExternalAbort') throw error
      }
    }
  }

/** What the gate, which writes the channel that the encoder reads, can find out: its own token, memory and calls. */
const spying: Job<string> = function* (cpu) {
  const seen: unknown[] = []
  for (let index = 1n; index <= 4n; index++) seen.push(yield* cpu.smc([RSI_MEASUREMENT_EXTEND, index, 8n, 1n]))
  seen.push(yield* cpu.smc([RSI_ATTEST_TOKEN_INIT_GROUP]))
  seen.push(yield* cpu.smc([RSI_ATTEST_TOKEN_CONTINUE_GROUP, BigInt(RAM), 0n, BigInt(PAGE)]))
  seen.push(
    Buffer.from(yield* cpu.load(RAM, PAGE)).toString('hex'),
    Buffer.from(yield* cpu.load(at(CLEAN), 64)).toString('hex'),
  )
  return JSON.stringify(seen, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
}

/** All that the host can see: every answer to an SMC, every exit record, and all of Non-secure memory at the end. */
class HostView {
  readonly #host: ScriptedHost
  readonly #hash = createHash('sha256')

  constructor(host: ScriptedHost) {
    this.#host = host
  }

  enter(realm: ScriptedRealm): void {
    realm.enter({ flags: 4n, gprs: [1n, 2n, 3n] })
    this.#hash.update(this.#host.machine.memory.read('non-secure', physicalAddressOf(realm.run), PAGE)!)
  }

  finish(): string {
    const { memory } = this.#host.machine
    for (let granule = 0; granule < memory.granules; granule++) {
      if (memory.isNonSecure(granule)) this.#hash.update(memory.granuleBytes(granule))
    }
    const calls = this.#host.events.filter(({ event }) => event === 'smc')
    return this.#hash.update(JSON.stringify(calls)).digest('hex')
  }
}

interface Views {
  readonly host: string
  readonly writer: string
}

function run(steps: readonly Step[], secret: bigint, scrubbed: boolean): Views {
  const pipeline = new Pipeline()
  const change = (parts: Parts): void => {
    if (!scrubbed) return
    parts.transitions.push({ peer: 1, class: 'call', action: 'scrub', ranges: [[0xc400_0199, 0xc400_0199]] })
    parts.transitions.push({
      peer: 1,
      class: 'exception',
      action: 'scrub',
      ranges: [
        [0x20, 0x20],
        [0x24, 0x24],
      ],
    })
  }
  for (const role of ROLES) expect(pipeline.upload(role, change)).toEqual([0, 0])
  const { host, realms } = pipeline
  const { gate, encoder } = realms
  host.demand(RMI_DATA_DESTROY, encoder.rd, GONE)
  const view = new HostView(host)
  // Addresses that a secret chooses decide whether an abort happens: a policy that scrubs aborts shows that it did.
  encoder.queue.push({ job: programOf(steps, secret, !scrubbed), done: false })
  for (let entry = 0; entry < steps.length + 2; entry++) view.enter(encoder)
  const writer = gate.perform(spying).value!
  for (const ipa of [RAM, GONE, at(RAW), at(CODED)]) host.smc(RMI_RTT_READ_ENTRY, encoder.rd, ipa, 3)
  return { host: view.finish(), writer }
}

const secrets = fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
const programs = fc.array(step, { minLength: 4, maxLength: 16 })

test.each([
  ['blocked', false],
  ['scrubbed', true],
])('law 6: runs that differ in a secret are the same to host and writer where transitions are %s', (_, scrubbed) => {
  fc.assert(
    fc.property(programs, secrets, (steps, [one, other]) => {
      expect(run(steps, one, scrubbed)).toEqual(run(steps, other, scrubbed))
    }),
    { numRuns: 8 },
  )
})

test('the comparison sees what an allowed transition shows', () => {
  const view = (secret: bigint): string => {
    const host = new ScriptedHost()
    const realm = host.createRealm()
    const seen = new HostView(host)
    realm.queue.push({ job: programOf([{ kind: 'host-call', place: RAM, fid: 0n }], secret, true), done: false })
    seen.enter(realm)
    return seen.finish()
  }
  expect(view(1n)).toBe(view(1n))
  expect(view(1n)).not.toBe(view(2n))
})
