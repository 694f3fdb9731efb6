import { keyReleaseChallenge, makeRecipientKey, openSecret, type RecipientKey } from './key-release.ts'
import { decodeMessage, encodeMessage, type SessionMessage } from './messages.ts'
import { type RecordContent, RecordOpener, RecordSealer, sessionKeys } from './records.ts'
import { divide, openPart, type StreamPart } from './stream.ts'

/** The gateway's channel to the host: an end of an unprotected channel that carries bytes. */
export interface ByteChannel {
  send(message: Uint8Array): Promise<void>
  receive(): AsyncIterableIterator<Uint8Array>
}

/** What a session needs of its Realm. A Realm's context has both. */
export interface SessionServices {
  attestGroup(challenge: Uint8Array): Promise<Uint8Array>
  entropy(length: number): Uint8Array
}

/** An encrypted stream in each direction, with the client that released the secret. */
export interface Session {
  /** What the client sends. Ends after a part that is not `data`. One loop at a time. */
  receive(): AsyncIterableIterator<StreamPart>
  /** Sends bytes to the client; they may not change until it resolves. */
  send(bytes: Uint8Array): Promise<void>
  /** Ends the stream to the client: nothing is missing. */
  end(): Promise<void>
  /** Ends the stream to the client with a reason, which only the client can read. */
  fail(message: string): Promise<void>
}

/** A session, or why there is none: the client withheld its secret, or the channel ended. */
export type SessionOutcome =
  | { readonly kind: 'open'; readonly session: Session }
  | { readonly kind: 'refused' }
  | { readonly kind: 'closed' }

interface Offer {
  readonly key: RecipientKey
  readonly nonce: Uint8Array
}

/**
 * Waits for a client: answers its nonce with group evidence that binds a fresh key, and opens the secret that the client
 * seals to it.
 *
 * Messages that make no sense are skipped. A further nonce starts over with another key, so whatever a host repeats from
 * an earlier session is worthless in this one.
 */
export async function serveSession(channel: ByteChannel, services: SessionServices): Promise<SessionOutcome> {
  const messages = channel.receive()
  const reply = (message: SessionMessage): Promise<void> => channel.send(encodeMessage(message))
  let offer: Offer | undefined
  for (;;) {
    const next = await messages.next()
    if (next.done === true) return { kind: 'closed' }
    const message = decodeMessage(next.value)
    if (message?.kind === 'hello') {
      const { nonce } = message
      offer = { key: await makeRecipientKey(services.entropy(32)), nonce }
      const evidence = await services.attestGroup(keyReleaseChallenge(nonce, offer.key.encoded))
      await reply({ kind: 'evidence', recipientKey: offer.key.encoded, evidence })
    } else if (message?.kind === 'secret' && offer !== undefined) {
      const secret = await openSecret(offer.key, offer.nonce, message)
      if (secret !== undefined) return { kind: 'open', session: openSession(channel, messages, offer, secret) }
      offer = undefined
      await reply({ kind: 'not-opened' })
    } else if (message?.kind === 'refusal' && offer !== undefined) {
      return { kind: 'refused' }
    }
  }
}

function openSession(
  channel: ByteChannel,
  messages: AsyncIterator<Uint8Array>,
  offer: Offer,
  secret: Uint8Array,
): Session {
  const keys = sessionKeys(secret, keyReleaseChallenge(offer.nonce, offer.key.encoded))
  const sealer = new RecordSealer(keys.toClient)
  const opener = new RecordOpener(keys.toRealm)
  let ended = false
  const put = (content: RecordContent): Promise<void> =>
    channel.send(encodeMessage({ kind: 'record', ciphertext: sealer.seal(content) }))
  const finish = async (content: RecordContent): Promise<void> => {
    if (ended) return
    ended = true
    await put(content)
  }
  return {
    async *receive() {
      for (;;) {
        const part = await nextPart(messages, opener)
        yield part
        if (part.kind !== 'data') return
      }
    },
    async send(bytes) {
      if (ended) throw new Error('the stream to the client has ended')
      for (const content of divide(bytes)) await put(content)
    },
    end: () => finish({ kind: 'end' }),
    fail: (message) => finish({ kind: 'failed', message }),
  }
}

async function nextPart(messages: AsyncIterator<Uint8Array>, opener: RecordOpener): Promise<StreamPart> {
  const next = await messages.next()
  if (next.done === true) return { kind: 'broken', reason: 'truncated' }
  const message = decodeMessage(next.value)
  return openPart(opener, message?.kind === 'record' ? message.ciphertext : undefined)
}
