export { cbor, cborOf } from './cbor.ts'
export type {
  ChannelOf,
  ChannelsOf,
  Credited,
  Crediting,
  Duplex,
  Reader,
  ReceiveOptions,
  StreamEnd,
  Writer,
} from './channel.ts'
export type { Codec } from './codec.ts'
export type { ChannelDeclaration, ChannelRights, PeerDeclaration } from './declaration.ts'
export { bufferMemory, type ChannelMemory } from './memory.ts'
export {
  defineRealm,
  type GrantedCalls,
  type GroupStatus,
  type HostCall,
  type RealmContext,
  type RealmProgram,
  type TransitionsOf,
} from './realm.ts'
export { ChannelEnd, type ChannelEndOptions, DEFAULT_MESSAGE_LIMIT } from './ring/channel-end.ts'
