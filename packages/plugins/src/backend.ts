import type { MachineEvent } from '@mica/hw-sim'
import type { Memory } from '@mica/policy'
import type { ChannelMemory } from '@mica/realm-sdk'

export type { MachineEvent }

/** A Realm to launch: everything the untrusted host is given, and nothing that it has to be trusted with. */
export interface RealmToLaunch {
  /** The peer's name in the workflow: a label for people. */
  readonly peer: string
  /** The measured image. */
  readonly image: Uint8Array
  /** The policy blob, handed to the Realm unmeasured. */
  readonly blob: Uint8Array
}

/** What has to be launched together: Realms, and the memories between them. Mappings name Realms by position. */
export interface GroupToLaunch {
  readonly realms: readonly RealmToLaunch[]
  readonly memories: readonly Memory[]
}

/** A launched Realm. */
export interface LaunchedRealm {
  readonly peer: string
  /** How events name it: the address of its realm descriptor, in hexadecimal. */
  readonly rd: string
  /** Its initial measurement, as the monitor reports it. */
  readonly rim: Uint8Array
}

/** Whether something on the host's side of the machine got further, has nothing to do, or is finished. */
export type Progress = 'progress' | 'idle' | 'done'

/**
 * What stands on the host's side of an unprotected channel while the Realms run: a network card, a client.
 * Polled once a round; the Realms wait while it works, so a run with the same inputs takes the same course.
 */
export interface Device {
  poll(): Promise<Progress>
}

/** Why a run ended: the device is done, every Realm is off, or nothing moved any more. */
export type RunEnd = 'device-done' | 'realms-off' | 'stalled'

/** Everything the host can have seen of a run, as byte strings in the order in which it saw them. */
export interface HostView {
  /** At each exit: result registers, the exit record, and the contents of unprotected windows as they changed. */
  readonly seen: readonly Uint8Array[]
  /** All Non-secure memory as it is now. */
  nonSecureMemory(): Iterable<Uint8Array>
}

/** What a laboratory can look at and no host could. Only a simulated machine has it. */
export interface Laboratory {
  /** The bytes of a protected memory as they are now. */
  sharedMemory(name: string): Uint8Array
}

/** A group of Realms on a machine. */
export interface Deployment {
  readonly realms: readonly LaunchedRealm[]
  readonly hostView: HostView
  readonly laboratory?: Laboratory
  /** The host's side of an unprotected memory. */
  hostMemory(name: string): ChannelMemory
  /** Lets the Realms run, with `device` beside them, until one of the ends. */
  run(device: Device): Promise<RunEnd>
}

/** A machine that has booted. */
export interface Platform {
  launch(group: GroupToLaunch): Promise<Deployment>
  /** Ends every Realm and gives back every thread. */
  stop(): Promise<void>
}

export interface BootOptions {
  /** Everything random on a simulated machine, and the order of its schedule. */
  readonly seed: Uint8Array
  readonly onEvent?: (event: MachineEvent) => void
}

/** Evidence that somebody wants to look at: of which Realm, for which challenge. */
export interface AttestationRequest {
  /** `token`: of one Realm; `group`: of the whole group that it is in. */
  readonly kind: 'token' | 'group'
  /** Of a group: whether who holds the evidence can show some members without the others. */
  readonly disclosable?: boolean | undefined
  /** The Realm that asks. */
  readonly peer: string
  /** 64 bytes. */
  readonly challenge: Uint8Array
}

/** The evidence, or one line of why there is none. */
export type Attestation =
  | { readonly kind: 'made'; readonly evidence: Uint8Array }
  | { readonly kind: 'refused'; readonly reason: string }

/** What came of one attack on a group. */
export interface AttackResult {
  /** In kebab case. */
  readonly name: string
  readonly adversary: string
  /** In one line: what is tried. */
  readonly tried: string
  /** In how many places it was tried. */
  readonly tries: number
  /** `works` and `broken` are of the control, with which attacks begin: what they go against, used as it is meant to be. */
  readonly outcome: 'stopped' | 'succeeded' | 'not-applicable' | 'works' | 'broken'
  /** What stopped it: rules, faults, statuses; or why there is nothing to stop, or what went wrong. */
  readonly by: readonly string[]
}

/**
 * A way to run workflows. A backend is trusted like hardware: its root of trust says which it is, and a verifier
 * believes that root only if it is told to.
 */
export interface Backend {
  readonly name: string
  /** One line for a list. */
  readonly description: string
  /** The trust anchor that verifies its evidence, by the name that `--trust` takes. */
  readonly trust: string
  boot(options: BootOptions): Promise<Platform>
  /** Makes evidence of a group without running its programs. Only a laboratory can. */
  attest?(group: GroupToLaunch, request: AttestationRequest, options: BootOptions): Promise<Attestation>
  /** Attacks a group, one attack after the other; the control first. Only a laboratory can. */
  attack?(group: GroupToLaunch, options: BootOptions): AsyncIterable<AttackResult>
}
