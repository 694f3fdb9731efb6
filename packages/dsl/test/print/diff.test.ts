import { check, describeDiff } from '@mica/dsl'
import { diffWorkflows, type Workflow } from '@mica/policy'
import { expect, test } from 'vitest'

function workflowOf(source: string): Workflow {
  const { stated, diagnostics } = check(source, { file: 'p.mica' })
  if (stated.workflow === undefined) throw new Error(diagnostics[0]?.message)
  return stated.workflow
}

const before = `workflow w {
  version 1
  trusted gateway peer gate rim sha256:${'11'.repeat(32)}
  peer box rim sha256:${'22'.repeat(32)}
  peer old image "old.ts"
  channel in gate -> box 64 KiB
  channel out box -> gate 64 KiB
  channel svc box -> any(2) 4 KiB
  channel gone old -> box 4 KiB
  channel nic gate <-> host 64 KiB
  assert in reaches host only via gate
}`

const lines = (from: string, to: string): string[] =>
  describeDiff(diffWorkflows(workflowOf(from), workflowOf(to))).map(({ width, text }) => `${width}: ${text}`)

test('every kind of change has its words, wider ones first', () => {
  const after = `workflow w {
    version 2
    gateway peer gate rim sha256:${'11'.repeat(32)} or sha256:${'33'.repeat(32)}
    open peer box rim sha256:${'22'.repeat(32)}
    peer new image "new.ts"
    channel in gate -> box 128 KiB paced
    channel out box <-> gate 64 KiB at 0x1000_0000
    channel svc box -> any 4 KiB
    channel fresh box -> new 4 KiB
    channel nic gate <-> host 128 KiB
    transition box { call host_call: allow exception wfx: allow }
    assert acyclic except gate, box
  }`
  expect(lines(before, after)).toMatchSnapshot()
  expect(lines(after, before)).toMatchSnapshot()
})

test('flows around a peer are told once for all that take them', () => {
  const narrow = before.replace(/ {2}(channel svc|assert).*\n/g, '')
  const wide = narrow.replace('peer old', 'transition box { call host_call: allow } peer old')
  expect(lines(narrow, wide)).toContain('wider: `box`, `old`, `in`, `gone` can now reach `host` around `gate`')
})

test('layout, order, reasons and comments are no change', () => {
  const other = before
    .replace('assert in', '/// why\n  assert "a reason" in')
    .replace(/( {2}channel in.*\n)( {2}channel out.*\n)/, '$2$1')
  expect(lines(before, other)).toEqual([])
})
