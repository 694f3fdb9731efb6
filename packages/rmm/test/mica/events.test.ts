import type { MachineEvent } from '@mica/hw-sim'
import { RIGHT } from '@mica/policy'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'
import { RMI_DATA_DESTROY_SHARED, RSI_MICA_LEAVE, RSI_MICA_REJOIN } from '../../src/abi/index.ts'
import { PAGE, type ScriptedHost, UNPROTECTED } from '../scripted-host.ts'
import { at, CHANNEL_PAGES, NIC_IPA, type Parts, Pipeline, RAW } from './pipeline.ts'

const NEXT_TABLE = UNPROTECTED + 0x20_0000

/** The events of some kinds that an action leads to. */
function eventsOf(host: ScriptedHost, kinds: readonly string[], action: () => unknown): readonly MachineEvent[] {
  const before = host.events.length
  action()
  return host.events.slice(before).filter(({ event }) => kinds.includes(event))
}

const hex = (value: number): string => `0x${value.toString(16)}`

test('a policy that is accepted is an event with its digest', () => {
  const pipeline = new Pipeline()
  const blob = pipeline.blob('gate')
  const events = eventsOf(pipeline.host, ['policy'], () => pipeline.upload('gate'))
  const digest = Buffer.from(sha256(blob)).toString('hex')
  expect(events).toEqual([{ event: 'policy', rd: hex(pipeline.realms.gate.rd), decision: 'accepted', digest }])
})

test('a refusal is an event with the step, the rule and what it found, which the Realm is not told', () => {
  const pipeline = new Pipeline()
  const events = eventsOf(pipeline.host, ['policy'], () => {
    expect(pipeline.upload('gate', ({ memories }) => void memories.splice(0, 1))).toEqual([1, 104])
  })
  const facts = { mappings: CHANNEL_PAGES }
  expect(events).toEqual([
    {
      event: 'policy',
      rd: hex(pipeline.realms.gate.rd),
      decision: 'refused',
      step: 4,
      rule: 'mapping-unlisted',
      facts,
    },
  ])
})

test('a return that is refused is an event, too', () => {
  const pipeline = new Pipeline().uploadAll()
  const { gate } = pipeline.realms
  gate.call(RSI_MICA_LEAVE, 0)
  pipeline.host.demand(RMI_DATA_DESTROY_SHARED, gate.rd, at(RAW))
  const events = eventsOf(pipeline.host, ['policy'], () => gate.call(RSI_MICA_REJOIN, 0))
  const facts = { memory: 'raw' }
  expect(events).toEqual([
    { event: 'policy', rd: hex(gate.rd), decision: 'refused', step: 4, rule: 'memory-not-covered', facts },
  ])
})

test('every change of who holds a memory is an event: it is active while two hold it or more', () => {
  const pipeline = new Pipeline()
  const { host, realms } = pipeline
  const [gate, encoder] = [hex(realms.gate.rd), hex(realms.encoder.rd)]
  const about = (action: () => unknown) => {
    return eventsOf(host, ['memory'], action).filter(({ name }) => name === 'raw')
  }
  const raw = (state: string, ...holders: readonly string[]) => [{ event: 'memory', name: 'raw', state, holders }]
  expect(about(() => pipeline.upload('gate'))).toEqual(raw('inactive', gate))
  expect(about(() => pipeline.upload('encoder'))).toEqual(raw('active', gate, encoder))
  expect(about(() => realms.gate.call(RSI_MICA_LEAVE, 0))).toEqual(raw('inactive', encoder))
})

test('shared memory is an event with its rights, page by page, when it is mapped, opened, left and taken out', () => {
  const pipeline = new Pipeline()
  const { host, realms } = pipeline
  const { gate } = realms
  const places = new Set([0, 1].map((page) => hex(at(RAW) + page * PAGE)))
  const changes = (action: () => unknown) => {
    const events = eventsOf(host, ['map', 'unmap'], action).filter(({ rd }) => rd === hex(gate.rd))
    return events.filter(({ ipa }) => places.has(String(ipa))).map(({ event, pa, rights }) => [event, pa, rights])
  }
  const pages = (event: string, rights: string) => pipeline.raw.map((pa) => [event, hex(pa), rights])
  expect(changes(() => pipeline.upload('gate'))).toEqual(pages('map', 'w'))
  expect(changes(() => gate.call(RSI_MICA_LEAVE, 0))).toEqual(pages('map', '-'))
  const takeOut = () => {
    for (const page of [0, 1]) host.demand(RMI_DATA_DESTROY_SHARED, gate.rd, at(RAW) + page * PAGE)
  }
  expect(changes(takeOut)).toEqual(pages('unmap', '-'))
  const other = host.createRealm()
  const granule = host.delegated()
  const events = eventsOf(host, ['map'], () => other.mapShared([granule], at(RAW)))
  expect(events).toEqual([{ event: 'map', rd: hex(other.rd), ipa: hex(at(RAW)), pa: hex(granule), rights: '-' }])
})

test('what an upload leaves of the host’s memory is an event, for pages that go and for rights that go', () => {
  const pipeline = new Pipeline()
  const { gate } = pipeline.realms
  const page = pipeline.host.page()
  // The last is the first entry of a table that lies directly behind that of the others.
  for (const ipa of [NIC_IPA, NIC_IPA + PAGE, NEXT_TABLE]) gate.mapUnprotected(page, ipa)
  const changes = (rights: number) => {
    const change = ({ memories }: Parts): void => {
      memories[3] = { ...memories[3]!, mappings: memories[3]!.mappings.map((mapping) => ({ ...mapping, rights })) }
    }
    const events = eventsOf(pipeline.host, ['map', 'unmap'], () => pipeline.upload('gate', change))
    return events.filter(({ pa }) => pa === hex(page)).map(({ event, ipa, rights }) => [event, ipa, rights])
  }
  expect(changes(RIGHT.write)).toEqual([
    ['map', hex(NIC_IPA), 'w'],
    ['unmap', hex(NIC_IPA + PAGE), '-'],
    ['unmap', hex(NEXT_TABLE), '-'],
  ])
})

test('a page of the host’s memory that is as the policy lists it is no event: nothing becomes of it', () => {
  const pipeline = new Pipeline()
  const page = pipeline.host.page()
  pipeline.realms.gate.mapUnprotected(page, NIC_IPA)
  const events = eventsOf(pipeline.host, ['map', 'unmap'], () => pipeline.upload('gate'))
  expect(events.filter(({ pa }) => pa === hex(page))).toEqual([])
})
