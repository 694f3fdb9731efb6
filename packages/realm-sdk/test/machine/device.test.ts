import { GranulePool, NormalWorld, RealmBuilder } from '@mica/host'
import { addOffset, ISS_WNR, Machine } from '@mica/hw-sim'
import { constructionOf, packImage, UNPROTECTED_BASE } from '@mica/realm-sdk/build'
import { Rmm } from '@mica/rmm'
import {
  decodeRmiRecExit,
  encodeRmiRecEnter,
  REC_EXIT_OFFSET,
  RMI_ENTER_EMUL_MMIO,
  RMI_EXIT_PSCI,
  RMI_EXIT_SYNC,
  RMI_REC_ENTER,
  type RmiRecEnter,
} from '@mica/rmm/abi'
import { expect, test } from 'vitest'

/** Writes a line to a device that takes a character a store, and asks it after each how many it has. */
const IMAGE = `
  const device = ${UNPROTECTED_BASE}
  let counts = 0
  for (const character of 'hello') {
    pe.store32(device, character.charCodeAt(0))
    counts += pe.load32(device + 4)
  }
  pe.store64(device + 8, BigInt(counts))
  ;() => { pe.smc([0x84000008n]) }
`

test('an image drives a device of its host with ordinary loads and stores', async () => {
  const machine = new Machine({ seed: new Uint8Array(32) })
  try {
    new Rmm(machine)
    const world = new NormalWorld(machine)
    const steps = constructionOf(packImage(IMAGE))
    const builder = new RealmBuilder(world, new GranulePool(world.dram))
    const [vcpu] = builder.build({ steps, policyGranules: 0, shared: [], unprotected: [] }).recs
    const { rec, run } = vcpu!
    const enter = (answer: Partial<RmiRecEnter>) => {
      world.write(run, encodeRmiRecEnter(answer))
      world.demand(RMI_REC_ENTER, rec, run)
      return decodeRmiRecExit(world.read(addOffset(run, REC_EXIT_OFFSET), REC_EXIT_OFFSET)!)
    }

    let line = ''
    const written: bigint[] = []
    let exit = enter({})
    while (exit.exit_reason === RMI_EXIT_SYNC) {
      const isStore = (exit.esr & ISS_WNR) !== 0n
      if (isStore && exit.far === 0n) line += String.fromCharCode(Number(exit.gprs[0]))
      else if (isStore) written.push(exit.gprs[0]!)
      exit = enter({ flags: RMI_ENTER_EMUL_MMIO, gprs: isStore ? [] : [BigInt(line.length)] })
    }
    expect([line, written, exit.exit_reason]).toEqual(['hello', [15n], RMI_EXIT_PSCI])
  } finally {
    await machine.stop()
  }
})
