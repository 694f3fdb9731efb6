import { encodeBlob } from '@mica/policy'
import { defineRealm } from '@mica/realm-sdk'
import { boot, SCRATCH_BASE } from '@mica/realm-sdk/runtime'
import {
  ATTEST_GROUP_DISCLOSABLE,
  PSCI_SYSTEM_OFF,
  RSI_ATTEST_TOKEN_INIT_GROUP,
  RSI_MICA_NOTIFY,
  RSI_MICA_TIME,
  RSI_UPLOAD_POLICY,
} from '@mica/rmm/abi'
import { expect, test } from 'vitest'
import { gate, theWorker } from '../build/realms/relay.mica.ts'
import worker from '../build/realms/worker.ts'
import { workflow } from '../build/workflow.ts'
import { BenchPe, policyOf, turn } from './bench-pe.ts'

const numbers = (calls: readonly (readonly bigint[])[]): readonly (bigint | undefined)[] => calls.map(([x0]) => x0)

test('boot uploads the policy it was handed, if it is the one the program was written for', async () => {
  const pe = new BenchPe({ policy: policyOf(1) })
  const idle = boot(worker, pe)
  await turn(idle, 3)
  const blob = encodeBlob(policyOf(1))
  expect(pe.calls).toEqual([[RSI_UPLOAD_POLICY, BigInt(SCRATCH_BASE), BigInt(blob.length)]])
  expect(pe.load(SCRATCH_BASE, blob.length)).toEqual(blob)
})

test('a policy that is not what the program was written for is never uploaded: the Realm powers off', async () => {
  const [raw, done, nic] = workflow.memories
  const swapped = {
    ...raw!,
    mappings: [...raw!.mappings].reverse().map((m, i) => ({ ...m, rights: raw!.mappings[i]!.rights })),
  }
  const policies = {
    'another peer': policyOf(0),
    'a larger channel': policyOf(1, { memories: [{ ...raw!, granules: 5 }, done!, nic!] }),
    'an arrow turned round': policyOf(1, { memories: [swapped, done!, nic!] }),
    'a channel less': policyOf(1, { memories: [raw!, nic!] }),
    'a channel more': policyOf(1, {
      memories: [
        ...workflow.memories,
        { ...raw!, name: 'raw2', mappings: raw!.mappings.map((m) => ({ ...m, ipaGranule: 4096 })) },
      ],
    }),
    'a call granted': policyOf(1, { transitions: workflow.transitions.map((rule) => ({ ...rule, peer: 1 })) }),
  }
  for (const [what, policy] of Object.entries(policies)) {
    const pe = new BenchPe({ policy })
    await turn(boot(worker, pe), 2)
    expect(numbers(pe.calls), what).toEqual([PSCI_SYSTEM_OFF])
  }
})

test('a region without a valid policy powers the Realm off', async () => {
  for (const length of [0, 5, 0x1_0000, 0xffff_ffff]) {
    const pe = new BenchPe({ policy: policyOf(1) })
    pe.store32(2 ** 37, length)
    await turn(boot(worker, pe), 2)
    expect(numbers(pe.calls)).toEqual([PSCI_SYSTEM_OFF])
  }
})

test('a channel that answers before the policy is in force powers the Realm off, without an upload', async () => {
  const pe = new BenchPe({ policy: policyOf(1), openBefore: true })
  await turn(boot(worker, pe), 2)
  expect(numbers(pe.calls)).toEqual([PSCI_SYSTEM_OFF])
})

test('two Realms that share memory pass messages, and when one returns the other sees the end', async () => {
  const memory = new Map<number, Uint8Array>()
  const got: unknown[] = []
  const sender = defineRealm(gate, async ({ channels }) => {
    for (let i = 0; i < 3; i++) await channels.raw.send(Uint8Array.of(i, 100 + i))
    await channels.raw.send(new Uint8Array(20_000).fill(1))
    await channels.raw.close()
    for await (const message of channels.done.receive()) got.push([...message.subarray(0, 2)], message.length)
    got.push(channels.done.ended, channels.done.lost)
  })
  const gatePe = new BenchPe({ policy: policyOf(0), memory })
  const workerPe = new BenchPe({ policy: policyOf(1), memory })
  const idles = [boot(sender, gatePe), boot(worker, workerPe)]
  for (let i = 0; i < 60; i++) for (const idle of idles) await turn(idle, 1)
  expect(got).toEqual([[255, 155], 2, [254, 154], 2, [253, 153], 2, [254, 254], 20_000, 'closed', 0])
  const made = numbers(workerPe.calls)
  expect(new Set(made)).toEqual(new Set([RSI_UPLOAD_POLICY, RSI_MICA_NOTIFY, PSCI_SYSTEM_OFF]))
  expect(made.slice(-3)).toEqual([RSI_MICA_NOTIFY, RSI_MICA_NOTIFY, PSCI_SYSTEM_OFF])
})

test('readers are woken once for all that was written before the PE comes to rest', async () => {
  const sender = defineRealm(gate, async ({ channels }) => {
    for (let i = 0; i < 5; i++) await channels.raw.send(Uint8Array.of(i))
    for await (const _ of channels.done.receive()) return
  })
  const pe = new BenchPe({ policy: policyOf(0) })
  await turn(boot(sender, pe), 3)
  expect(numbers(pe.calls)).toEqual([RSI_UPLOAD_POLICY, RSI_MICA_NOTIFY])
})

test('a program that throws ends its streams as failed and powers off', async () => {
  const memory = new Map<number, Uint8Array>()
  const ends: unknown[] = []
  const crashing = defineRealm(theWorker, async () => {
    throw new Error('out of order')
  })
  const waiting = defineRealm(gate, async ({ channels }) => {
    for await (const _ of channels.done.receive()) ends.push('a message')
    ends.push(channels.done.ended)
  })
  const workerPe = new BenchPe({ policy: policyOf(1), memory })
  const idles = [boot(crashing, workerPe), boot(waiting, new BenchPe({ policy: policyOf(0), memory }))]
  for (let i = 0; i < 10; i++) for (const idle of idles) await turn(idle, 1)
  expect(ends).toEqual(['failed'])
  expect(numbers(workerPe.calls)).toEqual([RSI_UPLOAD_POLICY, RSI_MICA_NOTIFY, PSCI_SYSTEM_OFF])
})

test('a program built for debugging that throws makes the idle vector throw what it threw', async () => {
  const crashing = defineRealm(theWorker, async () => {
    throw new Error('out of order')
  })
  const idle = boot(crashing, new BenchPe({ policy: policyOf(1) }), { debug: true })
  await expect(turn(idle, 3)).rejects.toThrow('out of order')
})

test('evidence of the group is asked for plain, or so that members can be shown one by one', async () => {
  const asks = defineRealm(theWorker, async ({ attestGroup }) => {
    await attestGroup(challenge)
    await attestGroup(challenge, { disclosable: true })
  })
  const challenge = new Uint8Array(64).fill(1)
  const pe = new BenchPe({ policy: policyOf(1) })
  await turn(boot(asks, pe), 4)
  const begun = pe.calls.filter(([x0]) => x0 === RSI_ATTEST_TOKEN_INIT_GROUP)
  const words = Array.from({ length: 8 }, () => 0x0101_0101_0101_0101n)
  expect(begun.map(([, ...x]) => x)).toEqual([
    [...words, 0n],
    [...words, ATTEST_GROUP_DISCLOSABLE],
  ])
})

test('a program whose policy grants the time has that of the monitor', async () => {
  class ClockedPe extends BenchPe {
    override smc(x: readonly bigint[]): bigint[] {
      const answer = super.smc(x)
      return x[0] === RSI_MICA_TIME ? [...answer, 2n ** 40n] : answer
    }
  }
  const id = Number(RSI_MICA_TIME)
  const grants = policyOf(1, { transitions: [{ peer: 1, class: 'call', action: 'allow', ranges: [[id, id]] }] })
  const times: bigint[] = []
  const clerk = defineRealm({ ...theWorker, calls: ['time'] }, async ({ transitions }) => {
    times.push(transitions.now())
  })
  await turn(boot(clerk, new ClockedPe({ policy: grants })), 3)
  expect(times).toEqual([2n ** 40n])
})
