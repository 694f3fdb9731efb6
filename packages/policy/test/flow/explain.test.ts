import { explainFlow, type FlowExplanation, type FlowQuery, flowGraph } from '@mica/policy'
import { expect, test } from 'vitest'
import { hostCall, videoModeration, type WorkflowSketch, workflowOf } from '../builders.ts'

const explain = (sketch: WorkflowSketch, from: string, to: string, more: Partial<FlowQuery> = {}): FlowExplanation =>
  explainFlow(flowGraph(workflowOf(sketch)), { from, to, except: [], confined: [], ...more })
const ways = ({ paths }: FlowExplanation): string[] =>
  paths.map((path) => [path[0]!.from, ...path.map(({ to }) => to)].join(' '))

test('all shortest paths are listed, and only the shortest', () => {
  const diamond: WorkflowSketch = {
    peers: { a: '', b: '', c: '', d: '', e: '' },
    memories: {
      ab: { a: 'w', b: 'r' },
      ac: { a: 'w', c: 'r' },
      bd: { b: 'w', d: 'r' },
      cd: { c: 'w', d: 'r' },
      ce: { c: 'w', e: 'r' },
      ed: { e: 'w', d: 'r' },
    },
  }
  const found = explain(diamond, 'a', 'd')
  expect(found.count).toBe(2)
  expect(ways(found)).toEqual(['a ab b bd d', 'a ac c cd d'])
  expect(ways(explain(diamond, 'a', 'd', { except: ['b', 'cd'] }))).toEqual(['a ac c ce e ed d'])
})

test('a memory that a question begins at names its writers', () => {
  expect(explain(videoModeration, 'raw', 'host').writers).toEqual(['gate'])
  expect(explain(videoModeration, 'encoder', 'host').writers).toEqual([])
})

test('without a path it is said how far data of either end goes', () => {
  const { count, reached, reaching } = explain(videoModeration, 'encoder', 'gate', { except: ['moderator'] })
  expect({ count, reached, reaching }).toEqual({
    count: 0,
    reached: ['coded'],
    reaching: ['gate', 'clean', 'nic', 'host'],
  })
})

test('two transitions of one peer are two ways', () => {
  const allow = (id: number) => ({ ...hostCall, ranges: [[id, id]], peer: 'encoder', action: 'allow' }) as const
  const found = explain({ ...videoModeration, transitions: [allow(0xc400_0199), allow(0x10)] }, 'encoder', 'host')
  expect(found.count).toBe(2)
})

test('exponentially many paths are counted, and a few of them shown', () => {
  const layers = 40
  const peers = Object.fromEntries(
    Array.from({ length: layers + 1 }, (_, i) => [`p${i}`, '']).concat(
      Array.from({ length: layers }, (_, i) => [`q${i}`, '']),
    ),
  )
  const memories = Object.fromEntries(
    Array.from({ length: layers }, (_, i) => [
      [`a${i}`, { [`p${i}`]: 'w', [`p${i + 1}`]: 'r' }],
      [`b${i}`, { [`p${i}`]: 'w', [`p${i + 1}`]: 'r' }],
    ]).flat(),
  )
  const found = explain({ peers, memories }, 'p0', `p${layers}`)
  expect(found.count).toBe(2 ** layers)
  expect(new Set(ways(found)).size).toBe(20)
})
