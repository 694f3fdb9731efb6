/**
 * What must not compile. The compiler checks this file with the other tests: an expected error that does not come is an
 * error.
 */
import { cborOf, type Duplex, defineRealm, type Reader, type Writer } from '@mica/realm-sdk'
import { listener, teller } from '../build/realms/gazette.mica.ts'
import { gate, theWorker } from '../build/realms/relay.mica.ts'

type Exactly<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const exactly = <A, B>(_: Exactly<A, B>): void => undefined

defineRealm(theWorker, async ({ channels, transitions, attest }) => {
  exactly<typeof channels.raw, Reader<'raw', 'gate'>>(true)
  exactly<typeof channels.done, Writer<'done', 'gate'>>(true)
  // @ts-expect-error: the end that reads has no send.
  await channels.raw.send(new Uint8Array(1))
  // @ts-expect-error: the end that writes has no receive.
  channels.done.receive()
  // @ts-expect-error: the policy has no such channel for this peer.
  void channels.nic
  // @ts-expect-error: the policy grants this peer no host call.
  transitions.hostCall({ imm: 0, gprs: [] })
  // @ts-expect-error: a challenge is bytes.
  await attest('challenge')
  // @ts-expect-error: messages are bytes until a codec says otherwise.
  await channels.done.send({ frame: 1 })
  const frames = channels.done.as(cborOf((value): value is { frame: number } => typeof value === 'object'))
  await frames.send({ frame: 1 })
  // @ts-expect-error: the codec's type is the message's type.
  await frames.send({ frame: 'one' })
})

defineRealm(gate, async ({ channels, transitions }) => {
  exactly<typeof channels.nic, Duplex<'nic', 'host'>>(true)
  transitions.hostCall({ imm: 0, gprs: [] })
  // @ts-expect-error: this call is not granted either.
  transitions.measure(1, new Uint8Array(4))
})

defineRealm(teller, async ({ channels, leave, revoke }) => {
  exactly<typeof channels.news, Writer<'news', 'listener'>>(true)
  // @ts-expect-error: the policy makes this peer no owner of it.
  await revoke('news', new Uint8Array(64))
  leave('news')
  // @ts-expect-error: the policy has no such channel for this peer.
  leave('nws')
})

defineRealm(listener, async ({ channels, status }) => {
  exactly<typeof channels.news, Reader<'news', 'teller'>>(true)
  exactly<ReturnType<typeof status>['notified'], readonly ('news' | 'replies')[]>(true)
})

const clerk = { workflow: 'office', peer: 'clerk', channels: {}, calls: ['time'] } as const

defineRealm(clerk, async ({ transitions }) => {
  exactly<ReturnType<typeof transitions.now>, bigint>(true)
  // @ts-expect-error: the time is the one call that is granted.
  transitions.hostCall({ imm: 0, gprs: [] })
})

defineRealm(theWorker, async ({ transitions }) => {
  // @ts-expect-error: the policy grants this peer no clock.
  transitions.now()
})
