/** A measurement that is the peer's name, over and over: readable in a blob, and different for different peers. */
export function rimOfName(peer: string): readonly Uint8Array[] {
  return [new TextEncoder().encode(peer.repeat(32).slice(0, 32))]
}
