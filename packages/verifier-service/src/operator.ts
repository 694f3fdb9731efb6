import { createHash, timingSafeEqual } from 'node:crypto'
import { closed, type Problem, unauthorized } from './problem.ts'

/** Characters that an operator token has at least. */
export const TOKEN_LENGTH = 16

/** Who may provision: whoever has the token. Without one, nobody may. */
export class Operator {
  readonly #digest: Uint8Array | undefined

  /** @param token Absent: provisioning is closed. */
  constructor(token: string | undefined) {
    this.#digest = token === undefined ? undefined : sha256(token)
  }

  /** @param authorization The header of a request. @returns Why it may not be done; `undefined` when it may. */
  refusal(authorization: string | undefined): Problem | undefined {
    if (this.#digest === undefined) return closed()
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    // Digests are compared, so that the time says nothing of the token, its length included.
    return token !== undefined && timingSafeEqual(sha256(token), this.#digest) ? undefined : unauthorized()
  }
}

const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest()
