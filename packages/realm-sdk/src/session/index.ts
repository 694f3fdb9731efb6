export {
  type ClientState,
  type SessionApproval,
  SessionClient,
  type SessionClientOptions,
  type SessionOffer,
} from './client.ts'
export { type ByteChannel, type Session, type SessionOutcome, type SessionServices, serveSession } from './gateway.ts'
export { keyReleaseChallenge } from './key-release.ts'
export { RECORD_SIZE, type RecordContent } from './records.ts'
export { readAll, type StreamPart, type WholeStream } from './stream.ts'
