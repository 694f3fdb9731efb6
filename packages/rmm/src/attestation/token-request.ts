/**
 * A token on its way to a Realm: made on the first read, then handed out piece by piece.
 *
 * What it says was fixed when it was asked for; making it later costs the Realm nothing it could measure before.
 */
export interface TokenRequest {
  readonly make: () => Uint8Array
  token: Uint8Array | undefined
  /** Bytes handed out. */
  read: number
}

export function createTokenRequest(make: () => Uint8Array): TokenRequest {
  return { make, token: undefined, read: 0 }
}
