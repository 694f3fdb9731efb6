import type { ChannelsOf } from './channel.ts'
import type { PeerDeclaration } from './declaration.ts'

/** A call to the host: what is handed over, and what comes back. */
export interface HostCall {
  /** 0 to 65,535. */
  readonly imm: number
  /** x0 to x30. Members left out are zero. */
  readonly gprs: readonly bigint[]
}

/** Calls that exist only where the policy grants them, by the name that the policy language gives them. */
export interface GrantedCalls {
  readonly host_call: {
    /** RSI_HOST_CALL. Everything in it, both ways, is seen and chosen by the host. */
    hostCall(call: HostCall): HostCall
  }
  readonly measure: {
    /** RSI_MEASUREMENT_EXTEND: adds up to 64 bytes to measurement 1 to 4 of this Realm, which reports contain. */
    measure(index: 1 | 2 | 3 | 4, value: Uint8Array): void
  }
  readonly time: {
    /** RSI_MICA_TIME: nanoseconds since the machine booted. It goes on while others run, and so tells that they do. */
    now(): bigint
  }
}

type UnionToIntersection<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void
  ? I
  : never

/** The granted calls of a peer. Empty when the policy grants none. */
export type TransitionsOf<D extends PeerDeclaration> = UnionToIntersection<
  { [C in keyof GrantedCalls]: C extends D['calls'][number] ? GrantedCalls[C] : object }[keyof GrantedCalls]
>

/** How a Realm stands in its group, as the monitor sees it. */
export interface GroupStatus<Channel extends string = string> {
  /** Digest of the policy that is in force: 64 bytes, zero after the last of a shorter one. */
  readonly policyDigest: Uint8Array
  /** Protected channels that the policy has for this Realm, and how many of them it holds now. */
  readonly channels: number
  readonly held: number
  /** Pages of this Realm's memory that the host has not provided. */
  readonly missingPages: number
  /** Channels that were notified since the last time this was asked. */
  readonly notified: readonly Channel[]
}

/** What evidence of a group is to be good for. */
export interface GroupEvidenceOptions {
  /** Whether who holds it can show a third party some of the members without the others. */
  readonly disclosable?: boolean | undefined
}

type ChannelName<D extends PeerDeclaration> = keyof D['channels'] & string

/** The channels that the policy makes this peer an owner of. */
type OwnedName<D extends PeerDeclaration> = {
  [Name in ChannelName<D>]: D['channels'][Name]['rights'] extends `${string}o` ? Name : never
}[ChannelName<D>]

/** What the program of a Realm is given. */
export interface RealmContext<D extends PeerDeclaration> {
  /** The Realm's channels by name, each with exactly the operations that the policy allows. */
  readonly channels: ChannelsOf<D>
  readonly transitions: TransitionsOf<D>
  /** A CCA token of this Realm. `challenge` has 64 bytes. */
  attest(challenge: Uint8Array): Promise<Uint8Array>
  /** Evidence of the whole group, signed once for all members. `challenge` has 64 bytes. */
  attestGroup(challenge: Uint8Array, options?: GroupEvidenceOptions): Promise<Uint8Array>
  /** How this Realm stands in its group now. Notifications are told once. */
  status(): GroupStatus<ChannelName<D>>
  /**
   * Gives up access to a protected channel, or to all of them. Nothing else changes: the policy stays in force. An access
   * throws from then on, also in a loop that receives.
   *
   * @throws RsiError when it was left already.
   */
  leave(channel?: ChannelName<D>): void
  /**
   * Takes a channel that was left, or all of them, again. The other members are checked as at the start.
   *
   * @throws RsiError when it is refused, was not left, or was taken again less than a quantum ago.
   */
  rejoin(channel?: ChannelName<D>): void
  /**
   * Ends everybody's access to a channel that this Realm is an owner of, for good; its memory is zeroed.
   *
   * @returns The receipt, for whoever chose the challenge of 64 bytes: it says who lost the channel.
   * @throws RsiError when this Realm has left it.
   */
  revoke(channel: OwnedName<D>, challenge: Uint8Array): Promise<Uint8Array>
  /** Random bytes of the PE (FEAT_RNG). */
  entropy(length: number): Uint8Array
}

/** The program of a Realm: what it expects to be, and what it does. */
export interface RealmProgram<D extends PeerDeclaration = PeerDeclaration> {
  readonly declaration: D
  readonly main: (context: RealmContext<D>) => Promise<void>
}

/**
 * Says what a Realm does. The module that a policy names as a peer's image has this as its default export.
 *
 * When `main` returns, its channels are closed and the Realm powers off; when it throws, they end as failed.
 *
 * @param declaration The peer, from the module generated from the policy.
 */
export function defineRealm<const D extends PeerDeclaration>(
  declaration: D,
  main: (context: RealmContext<D>) => Promise<void>,
): RealmProgram<D> {
  return { declaration, main }
}
