import { GRANULE_SIZE } from '@mica/hw-sim'
import { decodeBlob, encodeBlob } from '@mica/policy'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'
import { extendRem, RSI_UPLOAD_POLICY } from '../../src/abi/index.ts'
import { PAGE, RAM, type ScriptedRealm } from '../scripted-host.ts'
import { LINK, linked, policyOf, rightsAt } from './arena.ts'

// Another PE writes the page of the policy again and again. The monitor works on what it read the first time.

/**
 * From now on the page at `granule` turns into `second` right after every read: the fastest writer there can be. What it
 * gives out is a copy for the reader, then the page changes.
 */
function rewriteAfterEveryRead(realm: ScriptedRealm, granule: number, second: Uint8Array): { reads: number } {
  const { memory } = realm.host.rmm.monitor
  const counter = { reads: 0 }
  const honest = memory.granuleBytes.bind(memory)
  memory.granuleBytes = (asked) => {
    const bytes = honest(asked)
    if (asked !== granule) return bytes
    counter.reads++
    const seen = bytes.slice()
    bytes.set(second)
    return seen
  }
  return counter
}

function scene() {
  const { host, left, policy } = linked()
  const narrow = encodeBlob(policyOf(policy('left')))
  const wide = encodeBlob(
    policyOf({ ...policy('left'), memories: { link: { at: LINK / PAGE, rights: { left: 'rwx', right: 'r' } } } }),
  )
  expect(wide.length).toBe(narrow.length)
  left.perform((cpu) => cpu.store(RAM, narrow))
  const granule = (left.ram[0]! - host.machine.memory.base) / GRANULE_SIZE
  return { host, left, narrow, wide, granule }
}

test('a policy that another PE rewrites during the upload is the first one, in rights, measurement and record', () => {
  const { host, left, narrow, wide, granule } = scene()
  const counter = rewriteAfterEveryRead(left, granule, wide)
  expect(left.call(RSI_UPLOAD_POLICY, RAM, narrow.length)[0]).toBe(0n)
  expect(counter.reads).toBe(1)
  expect(rightsAt(left, LINK)).toBe('w')
  expect(left.realm.rems[0]).toEqual(extendRem(new Uint8Array(32), sha256(narrow), sha256))
  const recorded = Buffer.from(host.machine.memory.buffers.dram).includes(Buffer.from(narrow))
  expect(recorded, 'the granule of the policy holds what was read').toBe(true)
})

test('control: the page has changed, so that a second read would have found the wider policy', () => {
  const { left, narrow, wide, granule } = scene()
  rewriteAfterEveryRead(left, granule, wide)
  const read = (): Uint8Array => left.host.rmm.monitor.memory.granuleBytes(granule).slice(0, narrow.length)
  expect([read(), read()]).toEqual([narrow, wide])
  expect(decodeBlob(wide).kind).toBe('policy')
})

test('control: uploaded by itself, the wider policy gives the wider rights', () => {
  const { left, wide } = scene()
  expect(left.upload(wide)).toEqual([0, 0])
  expect(rightsAt(left, LINK)).toBe('rwx')
})
