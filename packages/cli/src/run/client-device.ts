import type { Device, EvidenceVerifier, Progress, TrustRoot } from '@mica/plugins'
import type { ChannelEnd } from '@mica/realm-sdk'
import { type SessionApproval, SessionClient, type SessionOffer } from '@mica/realm-sdk/session'
import type { GroupExpectations, KeyRelease, Recipient } from '@mica/verifier'

/** What a client knows and wants. None of it comes from the machine. */
export interface ClientOptions {
  readonly verifier: EvidenceVerifier
  readonly trust: TrustRoot
  readonly expectations: GroupExpectations
  /** The gateway the data goes to. */
  readonly recipient: Recipient
  /** A nonce of this client's for its nth session: 32 bytes, never used again. */
  readonly nonce: (session: number) => Uint8Array
  /** What the session is encrypted with once it is released, 32 bytes. */
  readonly secret: Uint8Array
  readonly input: Uint8Array
  /** Called once, when the evidence has been judged and before anything is released. */
  readonly onVerdict?: (offer: SessionOffer, release: KeyRelease) => void
  readonly onProgress?: (bytesIn: number, bytesOut: number) => void
}

/** How a client's session ended. */
export type ClientOutcome =
  | { readonly kind: 'complete'; readonly output: Uint8Array }
  /** The evidence did not convince: nothing was released. */
  | { readonly kind: 'refused' }
  /** The gateway ended the stream with a reason of its own. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The stream was cut or changed on the way. */
  | { readonly kind: 'broken'; readonly reason: string }

/**
 * The client, at the host's end of the gateway's channel: asks for evidence, has it verified, and only then lets data in,
 * encrypted with a secret that it sealed to the gateway's key.
 */
export class ClientDevice implements Device {
  #outcome: ClientOutcome | undefined
  readonly #end: ChannelEnd
  readonly #options: ClientOptions
  #session: SessionClient
  #sessions = 0
  /** Polls until the next try, when the group was not complete yet. */
  #pause = 0
  readonly #output: Uint8Array[] = []
  #bytesOut = 0
  #bytesIn = 0

  constructor(end: ChannelEnd, options: ClientOptions) {
    this.#end = end
    this.#options = options
    this.#session = this.#begin()
  }

  /** How the session ended; absent while it goes on. */
  get outcome(): ClientOutcome | undefined {
    return this.#outcome
  }

  async poll(): Promise<Progress> {
    if (this.#pause > 0) {
      if (--this.#pause === 0) this.#session = this.#begin()
      return 'idle'
    }
    const received = await this.#receive()
    const sent = this.#send()
    if (this.#outcome !== undefined && this.#end.flush()) return 'done'
    return received || sent ? 'progress' : 'idle'
  }

  #begin(): SessionClient {
    const nonce = this.#options.nonce(this.#sessions++)
    const session = new SessionClient({ nonce, approve: (offer) => this.#approve(offer) })
    session.write(this.#options.input)
    session.end()
    return session
  }

  async #receive(): Promise<boolean> {
    let progress = false
    for (let message = this.#end.tryReceive(); message !== undefined; message = this.#end.tryReceive()) {
      await this.#session.receive(message)
      progress = true
    }
    for (let part = this.#session.takePart(); part !== undefined; part = this.#session.takePart()) {
      if (part.kind === 'data') this.#take(part.bytes)
      else if (part.kind === 'end')
        this.#outcome = { kind: 'complete', output: new Uint8Array(Buffer.concat(this.#output)) }
      else if (part.kind === 'failed') this.#outcome = { kind: 'failed', message: part.message }
      else this.#outcome = { kind: 'broken', reason: part.reason }
    }
    if (this.#session.state === 'failed') this.#outcome ??= { kind: 'broken', reason: 'the gateway has another key' }
    return progress
  }

  #take(bytes: Uint8Array): void {
    this.#output.push(bytes)
    this.#bytesOut += bytes.length
    this.#options.onProgress?.(this.#bytesIn, this.#bytesOut)
  }

  #send(): boolean {
    let progress = false
    if (this.#pause > 0) return progress
    while (this.#end.flush()) {
      const message = this.#session.takeMessage()
      if (message === undefined) break
      this.#end.trySend(message)
      this.#bytesIn += message.length
      progress = true
    }
    // A refusal is the last thing this client has to say.
    if (this.#session.state === 'refused') this.#outcome ??= { kind: 'refused' }
    if (progress) this.#options.onProgress?.(this.#bytesIn, this.#bytesOut)
    return progress
  }

  async #approve(offer: SessionOffer): Promise<SessionApproval> {
    const { verifier, trust, expectations, recipient, secret } = this.#options
    const { nonce } = offer
    const release = await verifier.release({
      evidence: offer.evidence,
      nonce,
      recipientKey: offer.recipientKey,
      recipient,
      secret,
      trustAnchors: trust.anchors,
      endorsements: trust.endorsements,
      expectations,
    })
    if (release.kind === 'withheld' && isIncomplete(release) && this.#sessions < MAX_SESSIONS) {
      this.#pause = 2 ** this.#sessions
      return { kind: 'refuse' }
    }
    this.#options.onVerdict?.(offer, release)
    if (release.kind === 'withheld') return { kind: 'refuse' }
    return { kind: 'release', secret, encapsulatedSecret: release.encapsulatedSecret, ciphertext: release.ciphertext }
  }
}

/** Sessions that are tried while members are still missing: each waits twice as long as the one before it. */
const MAX_SESSIONS = 8

/** Whether nothing is wrong with a group but that some of it is not there yet. */
function isIncomplete({ findings }: Extract<KeyRelease, { kind: 'withheld' }>): boolean {
  return findings.every(({ name }) => name === 'missing-member' || name === 'channel-inactive')
}
