import { keyReleaseChallenge } from './key-release.ts'
import { decodeMessage, encodeMessage, type SessionMessage } from './messages.ts'
import { type RecordContent, RecordOpener, RecordSealer, sessionKeys } from './records.ts'
import { divide, openPart, type StreamPart } from './stream.ts'

/** What a gateway offers, for the client to judge. */
export interface SessionOffer {
  readonly nonce: Uint8Array
  /** The gateway's key for this session, a COSE_Key. */
  readonly recipientKey: Uint8Array
  readonly evidence: Uint8Array
  /** What the evidence has to contain as its challenge. */
  readonly challenge: Uint8Array
}

/** The client's judgement: the secret and its sealed form, or a refusal. */
export type SessionApproval =
  | {
      readonly kind: 'release'
      readonly secret: Uint8Array
      readonly encapsulatedSecret: Uint8Array
      readonly ciphertext: Uint8Array
    }
  | { readonly kind: 'refuse' }

/** How far a client's session is. `failed`: the gateway could not open the secret. */
export type ClientState = 'waiting' | 'open' | 'refused' | 'failed'

/** Options of {@link SessionClient}. */
export interface SessionClientOptions {
  /** From the verifier, 16 to 64 bytes, used once. */
  readonly nonce: Uint8Array
  /**
   * Verifies the evidence and seals the secret to the offered key. It must not release anything for evidence whose
   * challenge is another one.
   */
  readonly approve: (offer: SessionOffer) => Promise<SessionApproval> | SessionApproval
}

/**
 * The client's side of a session, without a transport: what arrives is handed to {@link receive}, what is to be sent is
 * taken from {@link takeMessage}. What the client writes waits inside until the session is open, and leaves only
 * encrypted.
 */
export class SessionClient {
  readonly #options: SessionClientOptions
  readonly #messages: SessionMessage[]
  readonly #contents: RecordContent[] = []
  readonly #parts: StreamPart[] = []
  #state: ClientState = 'waiting'
  /** Set once: the first evidence decides, and a host that sends more of it changes nothing. */
  #judging = false
  #sealer: RecordSealer | undefined
  #opener: RecordOpener | undefined
  #ended = false
  #over = false

  constructor(options: SessionClientOptions) {
    this.#options = options
    this.#messages = [{ kind: 'hello', nonce: options.nonce }]
  }

  get state(): ClientState {
    return this.#state
  }

  /** Takes a message that arrived. Messages out of place are skipped before the session is open, and break it after. */
  async receive(bytes: Uint8Array): Promise<void> {
    const message = decodeMessage(bytes)
    if (this.#opener !== undefined) {
      this.#takeRecord(message, this.#opener)
    } else if (message?.kind === 'evidence' && this.#state === 'waiting' && !this.#judging) {
      await this.#judge(message.recipientKey, message.evidence)
    }
  }

  /** Says that no message will arrive any more. */
  receiveEnd(): void {
    if (this.#state === 'waiting') this.#state = 'failed'
    this.#deliver({ kind: 'broken', reason: 'truncated' })
  }

  /** The next message for the gateway; `undefined` when there is none now. */
  takeMessage(): Uint8Array | undefined {
    const message = this.#messages.shift()
    if (message !== undefined) return encodeMessage(message)
    const content = this.#sealer === undefined ? undefined : this.#contents.shift()
    if (content === undefined || this.#sealer === undefined) return undefined
    return encodeMessage({ kind: 'record', ciphertext: this.#sealer.seal(content) })
  }

  /** The next part of what the gateway sends; `undefined` when there is none now. The last one is not `data`. */
  takePart(): StreamPart | undefined {
    return this.#parts.shift()
  }

  /** Adds bytes to the stream to the gateway. They must not change any more. */
  write(bytes: Uint8Array): void {
    if (this.#ended) throw new Error('the stream to the gateway has ended')
    this.#contents.push(...divide(bytes))
  }

  /** Ends the stream to the gateway. */
  end(): void {
    if (!this.#ended) this.#contents.push({ kind: 'end' })
    this.#ended = true
  }

  async #judge(recipientKey: Uint8Array, evidence: Uint8Array): Promise<void> {
    const { nonce, approve } = this.#options
    const challenge = keyReleaseChallenge(nonce, recipientKey)
    this.#judging = true
    const approval = await approve({ nonce, recipientKey, evidence, challenge })
    if (approval.kind === 'refuse') {
      this.#state = 'refused'
      this.#messages.push({ kind: 'refusal' })
      return
    }
    const { secret, encapsulatedSecret, ciphertext } = approval
    const keys = sessionKeys(secret, challenge)
    this.#sealer = new RecordSealer(keys.toRealm)
    this.#opener = new RecordOpener(keys.toClient)
    this.#messages.push({ kind: 'secret', encapsulatedSecret, ciphertext })
    this.#state = 'open'
  }

  #takeRecord(message: SessionMessage | undefined, opener: RecordOpener): void {
    if (message?.kind === 'not-opened') this.#state = 'failed'
    if (this.#over) return
    this.#deliver(openPart(opener, message?.kind === 'record' ? message.ciphertext : undefined))
  }

  #deliver(part: StreamPart): void {
    if (this.#over) return
    this.#parts.push(part)
    this.#over = part.kind !== 'data'
  }
}
