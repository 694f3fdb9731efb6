import { physicalAddressOf } from '@mica/hw-sim'
import { RIGHT } from '@mica/policy'
import { REALM_BASE, UNPROTECTED_BASE } from '@mica/realm-sdk/build'
import {
  RMI_DATA_CREATE_UNKNOWN_SHARED,
  RMI_DATA_DESTROY_SHARED,
  RMI_GRANULE_UNDELEGATE,
  RMI_RTT_CREATE,
  RMI_RTT_MAP_UNPROTECTED,
} from '@mica/rmm/abi'
import { type Attack, stoppedAccess, stoppedCommand, stoppedUpload } from './attack.ts'
import type { AttackStage } from './stage.ts'
import { closedMemories, GRANULE, SECRET } from './targets.ts'

const READ_WRITE_DESCRIPTOR = 0xd8

/** An address in the protected half at which nothing lies: channels are below it, a Realm's own memory above. */
const UNUSED: number = REALM_BASE - 2 ** 30

const otherBlobs: Attack = {
  name: 'swapped-policies',
  adversary: 'the host',
  tries: 'hands each member the valid policy of every other one',
  afterUploads: false,
  run: (stage) =>
    stage.actors.flatMap((actor, index) =>
      stage.group.realms.filter((_, other) => other !== index).map(({ blob }) => stoppedUpload(actor.upload(blob))),
    ),
}

const lateWindow: Attack = {
  name: 'late-window',
  adversary: 'the host',
  tries: 'opens a window to its own memory where no policy lists one',
  afterUploads: true,
  run: (stage) =>
    stage.actors.map(({ rd, places }) => {
      const taken = places.filter(({ memory }) => memory.kind === 'unprotected')
      const ipa = Math.max(UNPROTECTED_BASE, ...taken.map(({ memory, ipa }) => ipa + memory.granules * GRANULE))
      makeTables(stage, rd, ipa)
      return stoppedCommand(stage.world, RMI_RTT_MAP_UNPROTECTED, rd, ipa, 3, stage.page() + READ_WRITE_DESCRIPTOR)
    }),
}

/** Gives a Realm the tables that an address needs, as far as it has them not. */
function makeTables(stage: AttackStage, rd: number, ipa: number): void {
  for (const level of [2, 3]) {
    const span = GRANULE * 512 ** (4 - level)
    stage.world.rmi(RMI_RTT_CREATE, rd, stage.delegated(), ipa - (ipa % span), level)
  }
}

const lateMapping: Attack = {
  name: 'late-mapping',
  adversary: 'the host',
  tries: 'maps a granule of each channel into members that have their policies',
  afterUploads: true,
  run: (stage) =>
    stage.actors.flatMap(({ rd }) => {
      makeTables(stage, rd, UNUSED)
      return closedMemories(stage).map(({ name }, index) =>
        stoppedCommand(
          stage.world,
          RMI_DATA_CREATE_UNKNOWN_SHARED,
          rd,
          stage.granuleOf(name),
          UNUSED + index * GRANULE,
        ),
      )
    }),
}

const swappedGranule: Attack = {
  name: 'swapped-granule',
  adversary: 'the host',
  tries: 'takes a page out of a channel in use and puts another in its place',
  afterUploads: true,
  run: (stage) =>
    stage.actors.flatMap((actor) =>
      actor.places
        .filter(({ memory }) => memory.kind === 'protected')
        .flatMap(({ ipa, rights }) => {
          stage.world.demand(RMI_DATA_DESTROY_SHARED, actor.rd, ipa)
          return [
            stoppedCommand(stage.world, RMI_DATA_CREATE_UNKNOWN_SHARED, actor.rd, stage.delegated(), ipa),
            stoppedAccess(stage, actor, () =>
              (rights & RIGHT.read) !== 0 ? actor.load(ipa) : actor.store(ipa, SECRET),
            ),
          ]
        }),
    ),
}

const stolenGranules: Attack = {
  name: 'stolen-granules',
  adversary: 'the host',
  tries: 'takes back, and reads, the granules that channels and policies lie in',
  afterUploads: true,
  run: (stage) => {
    const channels = stage.group.memories.filter(({ kind }) => kind === 'protected')
    const granules = [...channels.map(({ name }) => stage.granuleOf(name)), ...stage.actors.map(({ pd }) => pd)]
    return granules.flatMap((granule) => [
      stoppedCommand(stage.world, RMI_GRANULE_UNDELEGATE, granule),
      stage.world.read(physicalAddressOf(granule), 8) === undefined
        ? 'granule protection: no access by the Normal world'
        : undefined,
    ])
  },
}

const leftovers: Attack = {
  name: 'leftovers',
  adversary: 'the host',
  tries: 'takes a channel out of all members and looks for what was in it',
  afterUploads: true,
  run: (stage) => {
    const written = stage.actors.flatMap((actor) =>
      actor.places
        .filter(({ memory, rights }) => memory.kind === 'protected' && (rights & RIGHT.write) !== 0)
        .map(({ memory, ipa }) => {
          actor.store(ipa, SECRET)
          return memory.name
        }),
    )
    for (const actor of stage.actors) {
      for (const { memory, ipa } of actor.places) {
        if (memory.kind === 'protected') stage.world.demand(RMI_DATA_DESTROY_SHARED, actor.rd, ipa)
      }
    }
    return [...new Set(written)].map((name) => {
      const granule = stage.granuleOf(name)
      stage.world.demand(RMI_GRANULE_UNDELEGATE, granule)
      const found = stage.world.read(physicalAddressOf(granule), GRANULE)
      return found?.every((byte) => byte === 0) === true
        ? 'the granule is zeroed when its last mapping goes'
        : undefined
    })
  },
}

/** Attacks that the host can make alone. */
export const HOST_ATTACKS: readonly Attack[] = [
  otherBlobs,
  lateWindow,
  lateMapping,
  swappedGranule,
  stolenGranules,
  leftovers,
]
