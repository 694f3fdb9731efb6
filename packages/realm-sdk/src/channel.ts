import type { Codec } from './codec.ts'
import type { ChannelDeclaration, PeerDeclaration } from './declaration.ts'

/** How a stream of messages ended: its writer closed it, or broke off. */
export type StreamEnd = 'closed' | 'failed'

/** Options of {@link Reader.receive}. */
export interface ReceiveOptions {
  /** Called before the message that follows a gap, with the number of messages that were overwritten unread. */
  readonly onLost?: ((messages: number) => void) | undefined
  /** Called with each message that the codec does not accept. It is skipped. */
  readonly onMalformed?: ((bytes: Uint8Array) => void) | undefined
}

/** The end of a channel that one may read. */
export interface Reader<Name extends string = string, OtherEnd extends string = string, Message = Uint8Array> {
  readonly name: Name
  /** Who is at the other end. Only a label: the policy says which measurements it stands for. */
  readonly otherEnd: OtherEnd
  /** Messages lost so far: overwritten before they were read, or longer than the limit. */
  readonly lost: number
  /** How the stream ended; `undefined` while it goes on. */
  readonly ended: StreamEnd | undefined
  /** Messages as they come, until the writer closes. One loop at a time. */
  receive(options?: ReceiveOptions): AsyncIterableIterator<Message>
  /** The same end with messages of another type. */
  as<T>(codec: Codec<T>): Reader<Name, OtherEnd, T>
}

/** The end of a channel that one may write. */
export interface Writer<Name extends string = string, OtherEnd extends string = string, Message = Uint8Array> {
  readonly name: Name
  readonly otherEnd: OtherEnd
  /**
   * Writes one message; messages are written in the order of the calls. Bytes must not change until it resolves.
   *
   * On a one-way channel nothing comes back: it resolves when the message is in the ring, and a reader that is too slow
   * loses it. Where the other end can write too, it waits for room.
   */
  send(message: Message): Promise<void>
  /**
   * Lets readers that wait go on at once, without help from the host: for one that is not looked at often. A channel with
   * the host has nobody to wake.
   */
  notify(): void
  /** Tells the reader that nothing more will come. Done for every channel when the program of a Realm returns. */
  close(): Promise<void>
  /** The same end with messages of another type. */
  as<T>(codec: Codec<T>): Writer<Name, OtherEnd, T>
}

/** An end that one may both read and write: of a `<->` channel, or of one with the host. */
export interface Duplex<Name extends string = string, OtherEnd extends string = string, Message = Uint8Array>
  extends Omit<Reader<Name, OtherEnd, Message>, 'as'>,
    Omit<Writer<Name, OtherEnd, Message>, 'as'> {
  as<T>(codec: Codec<T>): Duplex<Name, OtherEnd, T>
}

/** What a reader of a `paced` channel can do besides. */
export interface Crediting {
  /**
   * Tells the writer that there is room for one slot more: one bit against the arrow, which the policy lists.
   *
   * @returns Whether it was told: at most once a quantum of this PE's own time.
   */
  credit(): boolean
}

/** What a writer of a `paced` channel can do besides. */
export interface Credited {
  /** Credits received so far. */
  readonly credits: number
}

/**
 * The end that a declaration describes, by its rights and whether it is paced. `never` when it may neither be read nor
 * written.
 */
export type ChannelOf<C extends ChannelDeclaration> = C['rights'] extends `rw${string}`
  ? Duplex<C['name'], C['ends'][number]>
  : C['rights'] extends `r${string}`
    ? PacedIf<C, Reader<C['name'], C['ends'][number]>, Crediting>
    : C['rights'] extends `w${string}`
      ? PacedIf<C, Writer<C['name'], C['ends'][number]>, Credited>
      : never

type PacedIf<C extends ChannelDeclaration, End, More> = C['paced'] extends true ? End & More : End

/** The ends of all of a peer's channels, by name. */
export type ChannelsOf<D extends PeerDeclaration> = {
  readonly [Name in keyof D['channels']]: ChannelOf<D['channels'][Name]>
}
