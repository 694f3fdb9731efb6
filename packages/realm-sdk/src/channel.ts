import type { Codec } from './codec.ts'
import type { ChannelDeclaration, PeerDeclaration } from './declaration.ts'

/**
 * How a stream of messages ended: its writer closed it, or broke off; or everybody else has left the channel. Who receives
 * again after `left` goes on where it was, if somebody comes back.
 */
export type StreamEnd = 'closed' | 'failed' | 'left'

/** Options of {@link Reader.receive}. */
export interface ReceiveOptions {
  /** Called before the message that follows a gap, with the number of messages that were overwritten unread. */
  readonly onLost?: ((messages: number) => void) | undefined
  /** Called with each message that the codec does not accept. It is skipped. */
  readonly onMalformed?: ((bytes: Uint8Array) => void) | undefined
  /** How long to wait for each message, in milliseconds of this Realm's time. Then a `TimeoutError` is thrown. */
  readonly timeoutMs?: number | undefined
}

/** Options of {@link Writer.send}. */
export interface SendOptions {
  /** How long to wait for room, in milliseconds of this Realm's time. Then a `TimeoutError` is thrown, and the reader counts the message as lost. */
  readonly timeoutMs?: number | undefined
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
  /** Messages as they come, until the stream ends. One loop at a time. A `paced` channel's writer gets its credit here. */
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
   * loses it. Where the other end can write too, and on a `paced` channel, it waits for room, and throws when everybody
   * else has left. Readers that wait are woken, without the host.
   */
  send(message: Message, options?: SendOptions): Promise<void>
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

/** The end that a declaration describes, by its rights. `never` when it may neither be read nor written. */
export type ChannelOf<C extends ChannelDeclaration> = C['rights'] extends `rw${string}`
  ? Duplex<C['name'], C['ends'][number]>
  : C['rights'] extends `r${string}`
    ? Reader<C['name'], C['ends'][number]>
    : C['rights'] extends `w${string}`
      ? Writer<C['name'], C['ends'][number]>
      : never

/** The ends of all of a peer's channels, by name. */
export type ChannelsOf<D extends PeerDeclaration> = {
  readonly [Name in keyof D['channels']]: ChannelOf<D['channels'][Name]>
}
