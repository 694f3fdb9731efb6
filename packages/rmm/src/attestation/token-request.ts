/**
 * Steps in which the recorded firmware signs: after each it looks whether the host is wanted, so that a Realm that
 * asks for a token does not keep interrupts waiting. Its library spends at most 1000 operations a step, of about 2500
 * that a signature on this curve costs it.
 *
 * SIMPLIFIED: all the work is in the last step; the others are only counted.
 */
const SIGNING_STEPS = 3

/**
 * A token on its way to a Realm: signed step by step once the Realm reads, then handed out piece by piece.
 *
 * What it says was fixed when it was asked for; making it later costs the Realm nothing it could measure before.
 */
export interface TokenRequest {
  readonly make: () => Uint8Array
  stepsLeft: number
  /** Absent until it is signed. */
  token: Uint8Array | undefined
  /** Bytes handed out. */
  read: number
}

export function createTokenRequest(make: () => Uint8Array): TokenRequest {
  return { make, stepsLeft: SIGNING_STEPS, token: undefined, read: 0 }
}

/** Signs for one step. */
export function signStep(request: TokenRequest): void {
  request.stepsLeft--
  if (request.stepsLeft === 0) request.token = request.make()
}
