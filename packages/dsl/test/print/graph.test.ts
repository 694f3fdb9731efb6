import { readFileSync } from 'node:fs'
import { check, pictureOf, printDot, printMermaid } from '@mica/dsl'
import type { Workflow } from '@mica/policy'
import { describe, expect, test } from 'vitest'

function workflowOf(source: string): Workflow {
  const { stated, diagnostics } = check(source, { file: 'p.mica' })
  if (stated.workflow === undefined) throw new Error(diagnostics[0]?.message)
  return stated.workflow
}

const video = workflowOf(
  readFileSync(new URL('../golden/video-moderation-compiles-to-three-blobs/policy.mica', import.meta.url), 'utf8'),
)

/** Everything that has a look of its own. */
const everything = workflowOf(`workflow all {
  version 3
  trusted gateway peer gate image "gate.ts"
  open peer agent image "agent.ts"
  peer store
  channel svc gate <-> each any(2) 8 KiB
  channel feed agent -> gate 16 KiB paced
  channel multi gate -> (agent, store) 64 KiB
  memory code protected 12 KiB { store: owner read write, agent: read execute, any: read }
  channel nic gate <-> host 64 KiB
  channel in host -> gate 4 KiB
  transition agent { call host_call: allow exception data_abort: scrub }
  transition gate { call attest: allow call time: block }
}`)

const edges = (workflow: Workflow): string[] =>
  pictureOf(workflow).edges.map(({ from, to, bothWays, lines, look }) => {
    return `${from} ${bothWays ? '<->' : '->'} ${to}: ${[look, ...lines].join(', ')}`
  })

test('an arrow is a right, from who writes to who reads', () => {
  expect(edges(video)).toEqual([
    'gate -> encoder: channel, raw, 256 KiB',
    'encoder -> moderator: channel, coded, 256 KiB',
    'moderator -> gate: channel, clean, 256 KiB',
    'gate <-> host: unprotected, nic, 64 KiB',
  ])
})

test('what meets the host, what is not bounded and what runs backwards is drawn', () => {
  expect(edges(everything)).toEqual([
    'any of svc_1 <-> host: open',
    'gate <-> any of svc_1: channel, svc_1, 8 KiB',
    'any of svc_2 <-> host: open',
    'gate <-> any of svc_2: channel, svc_2, 8 KiB',
    'agent -> gate: channel, feed, 16 KiB',
    'gate -> agent: paced, feed paced',
    'gate -> memory multi: channel',
    'memory multi -> agent: channel',
    'memory multi -> store: channel',
    'any of code <-> host: open',
    'store <-> memory code: channel, owner read write',
    'memory code -> agent: channel, read execute',
    'memory code -> any of code: channel',
    'gate <-> host: unprotected, nic, 64 KiB',
    'host -> gate: unprotected, in, 4 KiB',
    'agent <-> host: open, open',
    'store <-> host: open, anyone',
    'agent <-> host: allow, allow call, host_call',
    'agent -> host: scrub, scrub exception, data_abort',
  ])
})

test('peers have the paper’s colours, and what the policy does not bound is dashed', () => {
  const nodes = pictureOf(everything).nodes.map(
    ({ id, look, unbounded }) => `${id} ${look}${unbounded ? ' dashed' : ''}`,
  )
  expect(nodes).toEqual([
    'gate trusted',
    'agent distrusted dashed',
    'store distrusted dashed',
    'any of svc_1 any dashed',
    'any of svc_2 any dashed',
    'memory multi memory',
    'any of code any dashed',
    'memory code memory',
    'host host',
  ])
})

test('the picture is described in words', () => {
  expect(pictureOf(video)).toMatchObject({
    title: 'video_moderation, version 1',
    description: expect.stringContaining('Trusted: gate. raw is shared by gate (write), encoder (read).'),
  })
})

describe.each([
  ['DOT', printDot],
  ['Mermaid', printMermaid],
])('%s', (_, print) => {
  test('is the same text for the same workflow', () => {
    expect(print(everything)).toBe(print(structuredClone(everything)))
  })

  test('explains every look that it uses, and no other', () => {
    expect(print(video)).toContain('memory that the host can reach')
    expect(print(video)).not.toContain('not bounded by this policy')
    for (const meaning of ['not bounded', 'may ask for one more', 'are scrubbed', 'tells the host', 'does not name']) {
      expect(print(everything)).toContain(meaning)
    }
  })
})

test('names cannot break out of either language', () => {
  const peers = video.peers.map((peer, index) => (index === 0 ? { ...peer, name: 'a"]; <b>\\\u001b' } : peer))
  const hostile = { ...video, peers }
  expect(printDot(hostile)).toContain('"a\\"]; <b>\\\\?" [label=<<b>a&#34;]; &#60;b&#62;\\?</b>')
  expect(printMermaid(hostile)).toContain('n0["<b>a#34;]#59; #60;b#62;\\?</b>')
})
