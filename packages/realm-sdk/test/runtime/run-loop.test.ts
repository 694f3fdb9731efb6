import { RunLoop } from '@mica/realm-sdk/runtime'
import { expect, test } from 'vitest'
import { BenchPe, policyOf, turn } from './bench-pe.ts'

function bench(): { loop: RunLoop; rests: () => number } {
  const pe = new BenchPe({ policy: policyOf(1) })
  let rests = 0
  pe.wfi = () => {
    rests++
  }
  return { loop: new RunLoop(pe), rests: () => rests }
}

test('a PE rests only when no open question has an answer', async () => {
  const { loop, rests } = bench()
  let ready = 0
  const answers: number[] = []
  void loop.until(() => (ready > 0 ? ready : undefined)).then((answer) => answers.push(answer))
  await turn(() => loop.idle(), 2)
  expect([rests(), answers]).toEqual([2, []])
  ready = 7
  await turn(() => loop.idle(), 1)
  await Promise.resolve()
  expect([rests(), answers]).toEqual([2, [7]])
})

test('a question that has its answer at once never waits', async () => {
  const { loop, rests } = bench()
  expect(await loop.until(() => 3)).toBe(3)
  expect(rests()).toBe(0)
})

test('a rest is over when the PE has rested once, not when something else went on', async () => {
  const { loop, rests } = bench()
  let over = false
  void loop.rest().then(() => {
    over = true
  })
  let count = 0
  const busy = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) await loop.until(() => (count++ % 2 === 1 ? true : undefined))
  }
  void busy()
  while (rests() === 0) {
    expect(over).toBe(false)
    await turn(() => loop.idle(), 1)
  }
  await turn(() => loop.idle(), 1)
  await Promise.resolve()
  expect(over).toBe(true)
})

test('a question whose access faults rejects for who asked it, and leaves the others open', async () => {
  const { loop } = bench()
  let asked = 0
  const faulting = loop.until(() => {
    if (asked++ > 0) throw new Error('fault')
    return undefined
  })
  const other = loop.until(() => (asked > 1 ? 'fine' : undefined))
  const settled = Promise.allSettled([faulting, other])
  await turn(() => loop.idle(), 3)
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
})
