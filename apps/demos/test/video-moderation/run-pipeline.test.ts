import { describe, expect, test } from 'vitest'
import { writeAvi } from '../../video-moderation/realms/avi-writer.ts'
import type { CleanMessage, RawMessage } from '../../video-moderation/realms/messages.ts'
import { moderate } from '../../video-moderation/realms/moderate.ts'
import { recode } from '../../video-moderation/realms/recode.ts'
import { FLIGHT_LIMITS, type PipelineEnds, runPipeline } from '../../video-moderation/realms/run-pipeline.ts'
import { readSummary } from '../../video-moderation/realms/summary.ts'
import { clipBytes, goodClip, goodImage } from './clip.ts'

/** A pipeline in one thread, whose encoder and moderator are one function. Nothing is under way when it answers. */
class Pipeline implements PipelineEnds {
  sent = 0
  /** Most frames that were ever sent and not answered. */
  mostUnderWay = 0
  readonly raw = { send: (frame: RawMessage) => this.#send(frame), close: async () => this.#close() }
  readonly clean = { receive: () => this.#receive() }
  readonly #answer: (frame: RawMessage) => readonly CleanMessage[]
  readonly #waiting: RawMessage[] = []
  #answered = 0
  #closed = false

  constructor(answer: (frame: RawMessage) => readonly CleanMessage[]) {
    this.#answer = answer
  }

  get closed(): boolean {
    return this.#closed
  }

  async #send(frame: RawMessage): Promise<void> {
    this.sent++
    this.mostUnderWay = Math.max(this.mostUnderWay, this.sent - this.#answered)
    this.#waiting.push(frame)
  }

  #close(): void {
    this.#closed = true
  }

  async *#receive(): AsyncIterableIterator<CleanMessage> {
    while (!this.#closed || this.#waiting.length > 0) {
      // Slower than the gate: it answers when the gate has stopped sending.
      for (let i = 0; i < 100; i++) await Promise.resolve()
      for (const frame of this.#waiting.splice(0)) {
        this.#answered++
        yield* this.#answer(frame)
      }
    }
  }
}

const clip = goodClip(clipBytes)
/** One frame of the coffee, three of the astronaut, one of the rocket and one of the galaxies. */
const few = writeAvi({ ...clip, frames: clip.frames.filter((_, i) => i % 20 === 10) })
const honest = (frame: RawMessage): CleanMessage[] => [moderate(recode(frame))]
/** Answers without work: the frame as it came. */
const asIs = (frame: RawMessage): CleanMessage[] => [{ ...frame, report: { regions: [], share: 0, pixelated: false } }]

async function moderated(input: Uint8Array, answer = honest) {
  const result = await runPipeline(input, new Pipeline(answer))
  if (result.kind === 'refused') throw new Error(result.reason)
  return result
}

async function reasonFor(input: Uint8Array, answer = honest): Promise<string> {
  const result = await runPipeline(input, new Pipeline(answer))
  return result.kind === 'refused' ? result.reason : 'accepted'
}

describe('the gate', () => {
  test('gives back a playable clip of the same frames, smaller, and says what happened to each', async () => {
    const { avi, summary } = await moderated(few)
    const result = goodClip(avi)
    expect(result).toMatchObject({ width: 160, height: 120, microsecondsPerFrame: 83_333 })
    for (const frame of result.frames) expect(goodImage(frame)).toMatchObject({ width: 160, height: 120 })
    expect(summary).toMatchObject({
      input: { frames: 6, width: 320, height: 240 },
      output: { frames: 6, width: 160, height: 120 },
      unreadable: [],
      lost: [],
    })
    expect(summary.reports.map(({ pixelated }) => pixelated)).toEqual([true, true, true, true, false, false])
    expect(summary.pixelated).toBe(4)
    expect(readSummary(avi)).toEqual(summary)
  })

  test('has no more frames under way than its window allows, and closes the channel when all are sent', async () => {
    const pipeline = new Pipeline(asIs)
    const result = await runPipeline(clipBytes, pipeline)
    expect(result).toMatchObject({ kind: 'moderated', summary: { output: { frames: 120 } } })
    expect(pipeline.mostUnderWay).toBe(FLIGHT_LIMITS.frames)
    expect(pipeline.closed).toBe(true)
  })

  test('goes on past frames that are lost, and names them', async () => {
    const { summary } = await moderated(clipBytes, (frame) => (frame.index % 7 === 3 ? [] : asIs(frame)))
    expect(summary.lost).toEqual(clip.frames.map((_, i) => i).filter((i) => i % 7 === 3))
    expect(summary.output.frames).toBe(120 - summary.lost.length)
  })

  test('leaves out a frame that is damaged, and says why', async () => {
    const frames = [clip.frames[10]!, clip.frames[30]!.slice(0, 5_000), clip.frames[110]!]
    const { summary } = await moderated(writeAvi({ ...clip, frames }))
    expect(summary.unreadable).toEqual([{ index: 1, reason: 'a JPEG that is cut off' }])
    expect(summary.reports.map(({ index }) => index)).toEqual([0, 2])
  })

  test('takes from the moderator only frames that it sent, each once, all of one size, and only what is a JPEG', async () => {
    const report = { regions: [], share: 0, pixelated: false }
    const { summary } = await moderated(few, (frame) => {
      const other = { ...frame, index: 4_000, report }
      const again = { ...frame, report }
      if (frame.index === 1) return [{ ...frame, jpeg: Uint8Array.of(1), report }]
      if (frame.index === 2) return [moderate(recode(frame))]
      return [other, again, again]
    })
    expect(summary.reports.map(({ index }) => index)).toEqual([0, 3, 4, 5])
    expect(summary.unreadable).toEqual([
      { index: 1, reason: 'not a JPEG' },
      { index: 2, reason: '160x120, unlike the frames before it' },
    ])
  })

  test('passes nothing of a report on but what was checked', async () => {
    const more = { regions: [], share: 0, pixelated: false, smuggled: 'text' }
    const { summary } = await moderated(few, (frame) => [{ ...frame, report: more }])
    expect(JSON.stringify(summary)).not.toContain('smuggled')
  })

  test.each([
    ['is no clip', new TextEncoder().encode('hello, this is no clip'), /no AVI file/],
    ['holds no JPEG', writeAvi({ ...clip, frames: [Uint8Array.of(1, 2, 3)] }), /first frame of the clip is not a JPEG/],
    [
      'has frames of another size',
      writeAvi({ ...clip, width: 640, frames: clip.frames }),
      /is 640x240, and .* 320x240/,
    ],
  ])('refuses in one line what %s, and sends nothing of it', async (_, input, reason) => {
    const pipeline = new Pipeline(honest)
    expect(await runPipeline(input, pipeline)).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) })
    expect(pipeline.sent).toBe(0)
  })

  test('finds a summary only in what it made', () => {
    expect(readSummary(clipBytes)).toBeUndefined()
    expect(readSummary(new Uint8Array())).toBeUndefined()
    expect(readSummary(new TextEncoder().encode('not a clip'))).toBeUndefined()
  })

  test('refuses when nothing came back, and says what became of the first frame', async () => {
    expect(await reasonFor(few, () => [])).toBe('no frame of the clip came back')
    expect(await reasonFor(few, ({ index }) => [{ index, unreadable: 'a malformed JPEG' }])).toBe(
      'no frame of the clip came back: frame 0 is a malformed JPEG',
    )
  })
})
