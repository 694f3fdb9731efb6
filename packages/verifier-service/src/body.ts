import { badRequest, type Problem, tooLarge } from './problem.ts'

/**
 * The body of a request, at most `limit` bytes of it.
 *
 * @returns In order: `too-large`, before anything is read where the length is announced; `bad-request` when it is cut
 *   off or empty.
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array | Problem> {
  const announced = Number(request.headers.get('content-length') ?? Number.NaN)
  if (announced > limit) return tooLarge(limit)
  try {
    // The server takes no more than was announced.
    const body = Number.isNaN(announced)
      ? await readStream(request, limit)
      : new Uint8Array(await request.arrayBuffer())
    if (body === undefined) return tooLarge(limit)
    return body.length === 0 ? badRequest('the request has no body') : body
  } catch {
    // Whoever sent it has gone, or was cut off by a time-out; nobody may be there to read this.
    return badRequest('the body is cut off')
  }
}

async function readStream({ body }: Request, limit: number): Promise<Uint8Array | undefined> {
  if (body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > limit) return undefined
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}
