import { GRANULE_SIZE, type GuestExit } from '@mica/hw-sim'
import * as abi from '../src/abi/index.ts'
import { invariant } from '../src/invariant.ts'
import { RAM } from './build-realm.ts'
import type { Stage, StageRealm } from './stage.ts'
import type { GuestSteps, StepGuest } from './step-guest.ts'

/** What came of an action: whether anything in it succeeded, so that it may have changed something. */
export type Outcome = 'done' | 'failed'

/** Something that a host, or a guest that it runs, can do on a stage. */
export interface Action {
  /** What it was made from, and can be made from again. */
  readonly text: string
  /** The Realm whose guest does it, if one does. */
  readonly guest?: string
  /** Whether it makes sense now: a host knows what it has done itself. */
  isOpen(): boolean
  perform(): Outcome
}

/** Members of the monitor's objects that a failed call may change: what a refused upload leaves behind is its count. */
export const CHANGED_BY_FAILURE: ReadonlySet<unknown> = new Set(['refusals'])

/** One step of a guest: whether it succeeded. */
type Step = (guest: StepGuest) => Generator<GuestExit, boolean>

/** Host commands by name; those of the table that take nothing but registers. */
const COMMANDS: ReadonlyMap<string, bigint> = new Map(
  Object.entries(abi).flatMap(([name, value]) => {
    return typeof value === 'bigint' && abi.rmiCommandName(value) === name ? [[name, value] as const] : []
  }),
)

const MEMBERSHIP: ReadonlyMap<string, bigint> = new Map([
  ['LEAVE', abi.RSI_MICA_LEAVE],
  ['REJOIN', abi.RSI_MICA_REJOIN],
  ['REVOKE', abi.RSI_MICA_REVOKE],
  ['NOTIFY', abi.RSI_MICA_NOTIFY],
  ['CREDIT', abi.RSI_MICA_CREDIT],
])

/** Where in its RAM a guest lets RSI_MICA_POLICY_STATUS write. */
const STATUS = RAM + 0x800

/** What a host writes into a page before it gives it away: somebody has to zero it. */
const SCRIBBLE = new Uint8Array(64).fill(0xff)

/**
 * Reads an action: a host's command and its arguments, `RMI_SGT a`; `REBUILD left`; or what a guest does at one entry,
 * `left: UPLOAD left; WRITE 0x200000`, between whose steps another PE of the host's may call.
 *
 * Arguments are names of the stage or numbers. `undefined` if it is none of these.
 */
export function parseAction(stage: Stage, text: string): Action | undefined {
  const [, name, program] = /^(\w+): (.*)$/.exec(text) ?? []
  if (name !== undefined && program !== undefined) return parseProgram(stage, text, name, program)
  const [verb = '', ...words] = text.split(' ')
  if (verb === 'REBUILD') return parseRebuild(stage, text, words[0] ?? '')
  const call = parseCall(stage, verb, words)
  if (call === undefined) return undefined
  return {
    text,
    isOpen: () => true,
    perform: () => (call() ? 'done' : 'failed'),
  }
}

/** What one guest does in several actions, at one entry. */
export function joinActions(stage: Stage, actions: readonly Action[]): Action {
  const [{ guest } = { guest: undefined }] = actions
  const program = actions.map(({ text }) => text.slice(text.indexOf(': ') + 2)).join('; ')
  const joined = parseAction(stage, `${guest}: ${program}`)
  invariant(joined !== undefined, 'actions of one guest are an action')
  return joined
}

function parseCall(stage: Stage, verb: string, words: readonly string[]): (() => boolean) | undefined {
  const fid = COMMANDS.get(verb)
  const args = words.map((word) => stage.names.get(word) ?? Number(word))
  if (fid === undefined || args.some((arg) => !Number.isSafeInteger(arg) || arg < 0)) return undefined
  if (fid !== abi.RMI_GRANULE_DELEGATE) return () => stage.call(fid, ...args)
  return () => {
    stage.host.write(args[0]!, SCRIBBLE)
    return stage.call(fid, ...args)
  }
}

function parseRebuild(stage: Stage, text: string, name: string): Action | undefined {
  const realm = stage.realms.find(({ spec }) => spec.name === name)
  if (realm === undefined) return undefined
  const { account } = realm
  return {
    text,
    // Once: every further life is like the second.
    isOpen: () => account.life === 0,
    perform: () => {
      if (!stage.build(realm)) return 'failed'
      account.life++
      return 'done'
    },
  }
}

function parseProgram(stage: Stage, text: string, name: string, program: string): Action | undefined {
  const realm = stage.realms.find(({ spec }) => spec.name === name)
  if (realm === undefined) return undefined
  const steps = program.split('; ').map((step) => parseStep(stage, realm, step))
  if (steps.some((step) => step === undefined)) return undefined
  return {
    text,
    guest: name,
    isOpen: () => true,
    perform: () => run(stage, realm, steps as Step[]),
  }
}

function run(stage: Stage, realm: StageRealm, steps: readonly Step[]): Outcome {
  let succeeded = 0
  let ended = 0
  const rec = stage.host.rmm.monitor.recAt(realm.rec)
  // What the host answers to the last exit, by entering the REC at all, changes something.
  const wasAsked = rec !== undefined && (rec.pending.kind !== 'none' || rec.lastAbort !== undefined)
  const hasRun = stage.enter(realm, function* (guest): GuestSteps {
    for (const step of steps) {
      if (yield* step(guest)) succeeded++
      ended++
    }
  })
  // A step that left to the host may have changed what the monitor expects of the next entry.
  const isLeft = ended < steps.length
  const isDone = succeeded > 0 || stage.told !== undefined || (hasRun && (isLeft || wasAsked))
  return isDone ? 'done' : 'failed'
}

function parseStep(stage: Stage, realm: StageRealm, text: string): Step | undefined {
  const [verb = '', word = ''] = text.split(' ')
  const { account } = realm
  const membership = MEMBERSHIP.get(verb)
  if (membership !== undefined) {
    const memory = word === 'all' ? 'all' : Number(word)
    return function* (guest) {
      const x0 = yield* guest.smc(membership, memory === 'all' ? abi.MICA_ALL_MEMORIES : memory)
      if (x0 === abi.RSI_SUCCESS) stage.account.noteMembership(account, membership, memory)
      return x0 === abi.RSI_SUCCESS
    }
  }
  const ipa = stage.names.get(word) ?? Number(word)
  switch (verb) {
    case 'UPLOAD':
      return parseUpload(stage, realm, word)
    case 'ASK':
      return function* (guest) {
        const x0 = yield* guest.smc(abi.RSI_MICA_POLICY_STATUS, STATUS)
        yield* guest.store(STATUS, new Uint8Array(abi.MICA_POLICY_STATUS_SIZE))
        return x0 === abi.RSI_SUCCESS
      }
    case 'MEASURE':
      return function* (guest) {
        return (yield* guest.smc(abi.RSI_MEASUREMENT_EXTEND, 1, 1, 1)) === abi.RSI_SUCCESS
      }
    case 'DECLARE':
      return function* (guest) {
        return (yield* guest.smc(abi.RSI_IPA_STATE_SET, ipa, ipa + GRANULE_SIZE, abi.RIPAS_RAM, 0)) === abi.RSI_SUCCESS
      }
    case 'READ':
      return function* (guest) {
        return (yield* guest.access(ipa, 'read')) !== undefined
      }
    case 'WRITE':
      // Each Realm has a byte of its own in every page, so that its marks stay when others write.
      return (guest) => guest.store(ipa + realm.index, Uint8Array.of(account.life + 1))
    default: {
      const call = parseCall(stage, verb, text.split(' ').slice(1))
      if (call === undefined) return undefined
      // biome-ignore lint/correctness/useYield: a step of another PE takes no time of this one
      return function* () {
        return call()
      }
    }
  }
}

function parseUpload(stage: Stage, realm: StageRealm, name: string): Step | undefined {
  const policy = realm.policies.get(name)
  if (policy === undefined) return undefined
  const { blob, facts } = policy
  const erased = new Uint8Array(blob.length)
  return function* (guest) {
    if (!(yield* guest.store(RAM, blob))) return false
    const x0 = yield* guest.smc(abi.RSI_UPLOAD_POLICY, RAM, blob.length)
    yield* guest.store(RAM, erased)
    if (x0 === abi.RSI_SUCCESS) stage.account.noteUpload(realm.account, facts)
    return x0 === abi.RSI_SUCCESS
  }
}
