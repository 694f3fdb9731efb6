import { decodeBlob } from '@mica/policy'
import { cborOf, defineRealm } from '@mica/realm-sdk'
import { channelBase, hostCall, instructions, readPolicyRegion } from '@mica/realm-sdk/runtime'
import { encoder } from '../pipeline.mica.ts'
import { isCodedMessage, isRawMessage } from '../realms/messages.ts'
import { recode } from '../realms/recode.ts'

/**
 * An encoder that does its work and tries to leak every frame that it sees: it writes into the channel that it may only
 * read, so that the gate or whoever shares it could pick the bytes up, and it hands them to the host in a host call.
 *
 * It is the vendor's genuine build: measured, named in the policy, and part of an accepted report. Neither attempt can be
 * written against its types, so it goes around them, as a hostile vendor would.
 */
export default defineRealm(encoder, async ({ channels }) => {
  const raw = channels.raw.as(cborOf(isRawMessage))
  const coded = channels.coded.as(cborOf(isCodedMessage))
  for await (const frame of raw.receive()) {
    attempt(() => writeBack(frame.jpeg))
    attempt(() => tellHost(frame.jpeg))
    await coded.send(recode(frame))
  }
})

/** A refusal is no reason to stop trying. */
function attempt(leak: () => void): void {
  try {
    leak()
  } catch {
    // Stopped: by an abort that the monitor injected, or by the status of a call.
  }
}

function writeBack(secret: Uint8Array): void {
  const base = rawChannelBase()
  if (base !== undefined) instructions().store(base, secret)
}

/** 31 registers of 8 bytes go with a host call. */
function tellHost(secret: Uint8Array): void {
  const view = new DataView(secret.buffer, secret.byteOffset, secret.byteLength)
  const words = Array.from({ length: Math.min(31, Math.floor(secret.length / 8)) }, (_, i) =>
    view.getBigUint64(8 * i, true),
  )
  hostCall(instructions(), { imm: 0, gprs: words })
}

function rawChannelBase(): number | undefined {
  const blob = readPolicyRegion(instructions())
  const decoded = blob === undefined ? undefined : decodeBlob(blob)
  return decoded?.kind === 'policy' ? channelBase(decoded.policy, 'raw') : undefined
}
