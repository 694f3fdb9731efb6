import { check, checkSet, compile, format, printPolicy, printWorkflow } from '@mica/dsl'
import { decodeBlob, type Workflow } from '@mica/policy'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { workflowText } from './random-workflow.ts'
import { rimOfName } from './rim-of-name.ts'

const RUNS = { numRuns: 25 }

/** What a workflow means: everything but the places where it was written. */
function meaning(workflow: Workflow | undefined): unknown {
  const text = JSON.stringify(workflow, (key, value) => {
    if (key === 'origin') return undefined
    return value instanceof Uint8Array ? Array.from(value) : value
  })
  return JSON.parse(text)
}

/** The workflow of a text that has no errors. */
function workflowOf(text: string): Workflow {
  const { workflow, diagnostics } = check(text, { file: 'w.mica' })
  if (workflow === undefined) throw new Error(`${diagnostics[0]?.message}\n${text}`)
  return workflow
}

test('a printed workflow means the same, and printed again it is the same text', () => {
  fc.assert(
    fc.property(workflowText, (text) => {
      const workflow = workflowOf(text)
      const printed = printWorkflow(workflow)
      expect(meaning(workflowOf(printed))).toEqual(meaning(workflow))
      expect(printWorkflow(workflowOf(printed))).toBe(printed)
      expect(format(printed, { file: 'w.mica' }).text).toBe(printed)
    }),
    RUNS,
  )
})

test('the layout changes neither what a file means nor its comments, and a second time nothing', () => {
  fc.assert(
    fc.property(workflowText, (text) => {
      const { text: formatted, diagnostics } = format(text, { file: 'w.mica' })
      expect(diagnostics).toEqual([])
      expect(meaning(workflowOf(formatted))).toEqual(meaning(workflowOf(text)))
      expect(format(formatted, { file: 'w.mica' }).text).toBe(formatted)
      const docsOf = (source: string): unknown =>
        check(source, { file: 'w.mica' }).symbols.map(({ name, docs }) => [name, docs])
      expect(docsOf(formatted)).toEqual(docsOf(text))
      const comments = (source: string): number => (source.match(/\/[/*]/g) ?? []).length
      expect(comments(formatted)).toBe(comments(text))
    }),
    RUNS,
  )
})

test('every blob of a workflow, printed as a policy, compiles to the same bytes', () => {
  fc.assert(
    fc.property(workflowText, (text) => {
      const { blobs } = compile(text, { file: 'w.mica', rimOf: rimOfName })
      expect(blobs.size).toBeGreaterThan(0)
      for (const [peer, blob] of blobs) {
        const decoded = decodeBlob(blob)
        if (decoded.kind !== 'policy') throw new Error(decoded.fact.rule)
        const printed = printPolicy(decoded.policy, peer)
        const again = compile(printed, { file: 'p.mica' })
        expect(again.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
        expect(again.blobs.get(peer)).toEqual(blob)
        expect(printPolicy(again.policies.get(peer) ?? decoded.policy, peer)).toBe(printed)
      }
    }),
    RUNS,
  )
})

test('the policies of a workflow, each in a file of its own, go together', () => {
  fc.assert(
    fc.property(workflowText, (text) => {
      const { policies } = compile(text, { file: 'w.mica', rimOf: rimOfName })
      const files = [...policies].map(([peer, policy]) => ({ file: `${peer}.mica`, input: printPolicy(policy, peer) }))
      const { diagnostics } = checkSet(files)
      expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([])
    }),
    RUNS,
  )
})
