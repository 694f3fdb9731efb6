import { PEER_RIMS } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import { folderOf, joined, normalize } from '../files/paths.ts'
import type { DigestLiteral, PeerItem } from '../syntax/ast.ts'
import type { Check } from './check.ts'

/** Peers can be told apart by what the monitor measures: measurement, then personalization value. */
export const identities: Check = ({ scope }, report) => {
  const owners = new Map<string, PeerItem[]>()
  const claim = (key: string, by: string, peer: PeerItem): void => {
    const others = owners.get(key) ?? []
    const other = others.find((candidate) => !toldApart(candidate, peer))
    if (other !== undefined) {
      const facts = { peer: peer.name.text, other: other.name.text, by, first: other.name.span }
      report(messages.sameIdentity(facts, peer.name.span))
    }
    others.push(peer)
    owners.set(key, others)
  }
  let firstDigest: DigestLiteral | undefined
  for (const peer of scope.peers.values()) {
    const { identity } = peer
    if (identity?.kind === 'image') claim(`image ${imageFile(identity.path, peer)}`, 'image', peer)
    if (identity?.kind !== 'rim') continue
    if (identity.rims.length > PEER_RIMS) {
      report(messages.tooManyRims({ count: identity.rims.length, limit: PEER_RIMS }, identity.span))
    }
    const seen = new Map<string, DigestLiteral>()
    for (const rim of identity.rims) {
      firstDigest ??= rim
      if (rim.bytes.length !== firstDigest.bytes.length)
        report(messages.mixedDigests({ first: firstDigest.span }, rim.span))
      const key = rim.bytes.join()
      const first = seen.get(key)
      if (first === undefined) claim(key, 'measurement', peer)
      else report(messages.listedTwice({ name: 'a digest', where: 'the measurements', first: first.span }, rim.span))
      seen.set(key, first ?? rim)
    }
  }
}

/** The file of an image: one path means different files in different folders. */
function imageFile(path: string, { span: { file } }: PeerItem): string {
  return normalize(joined(folderOf(file), path), file.startsWith('/'))
}

/** Whether both have a personalization value and the values differ; a peer without one is any replica. */
function toldApart(a: PeerItem, b: PeerItem): boolean {
  return a.rpv !== undefined && b.rpv !== undefined && a.rpv.bytes.some((byte, index) => byte !== b.rpv?.bytes[index])
}
