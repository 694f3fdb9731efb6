import type { Budget } from './limits.ts'
import { badRequest, isProblem, noRoom, type Problem, tooLarge, unknownCoding } from './problem.ts'

/** Bytes of a body, announced, of which as many are read at once as there are connections. */
const SMALL_BODY = 65_536

/**
 * The body of a request, at most `limit` bytes of it.
 *
 * @param budget Holds what has come of a body that is not small, as long as it is being read.
 * @returns In order: `content-coding` for a body in any; `too-large`, before anything is read where the length is
 *   announced; `room` when the budget is spent; `bad-request` when the body is cut off or empty.
 */
export async function readBody(request: Request, limit: number, budget: Budget): Promise<Uint8Array | Problem> {
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity') return unknownCoding()
  const announced = Number(request.headers.get('content-length') ?? Number.POSITIVE_INFINITY)
  if (Number.isFinite(announced) && announced > limit) return tooLarge(limit)
  try {
    // The server takes no more than was announced.
    const body =
      announced <= SMALL_BODY
        ? new Uint8Array(await request.arrayBuffer())
        : await readStream(request.body, limit, budget)
    if (isProblem(body)) return body
    return body.length === 0 ? badRequest('the request has no body') : body
  } catch {
    // Whoever sent it has gone, or was cut off by a time-out; nobody may be there to read this.
    return badRequest('the body is cut off')
  }
}

async function readStream(body: Request['body'], limit: number, budget: Budget): Promise<Uint8Array | Problem> {
  const chunks: Uint8Array[] = []
  let [length, held] = [0, 0]
  try {
    for await (const chunk of body ?? []) {
      length += chunk.length
      if (length > limit) return tooLarge(limit)
      if (!budget.take(chunk.length)) return noRoom()
      held += chunk.length
      chunks.push(chunk)
    }
    return new Uint8Array(Buffer.concat(chunks))
  } finally {
    budget.giveBack(held)
  }
}
