export { cbor, cborOf } from './cbor.ts'
export type {
  ChannelOf,
  ChannelsOf,
  Duplex,
  Reader,
  ReceiveOptions,
  SendOptions,
  StreamEnd,
  Writer,
} from './channel.ts'
export type { Codec } from './codec.ts'
export type { ChannelDeclaration, ChannelRights, PeerDeclaration } from './declaration.ts'
export { bufferMemory, type ChannelMemory } from './memory.ts'
export {
  defineRealm,
  type GrantedCalls,
  type GroupEvidenceOptions,
  type GroupStatus,
  type HostCall,
  type RealmContext,
  type RealmProgram,
  type TransitionsOf,
} from './realm.ts'
export { ChannelEnd, type ChannelEndOptions, DEFAULT_MESSAGE_LIMIT } from './ring/channel-end.ts'
export type { Credit } from './ring/progress.ts'
export { TimeoutError } from './wait.ts'
