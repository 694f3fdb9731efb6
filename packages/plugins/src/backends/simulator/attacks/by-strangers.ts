import { encodeBlob, type Memory, type Policy, RIGHT } from '@mica/policy'
import { rimOf } from '@mica/realm-sdk/build'
import type { RealmToLaunch } from '../../../backend.ts'
import { type Attack, type Stopped, stoppedAccess, stoppedUpload } from './attack.ts'
import type { Actor, AttackStage } from './stage.ts'
import { closedMemories, GRANULE } from './targets.ts'

/** Another program: the image of a member with one byte changed behind its end of code, so that it measures otherwise. */
function otherImage({ image }: RealmToLaunch): Uint8Array {
  const other = Uint8Array.from(image)
  other[other.length - 1]! ^= 1
  return other
}

/** A memory of the group as one that peer 0 reads and anybody may share. */
function asOwn(memory: Memory): Memory {
  const { ipaGranule } = memory.mappings[0]!
  return {
    ...memory,
    paced: false,
    mappings: [
      { peer: 0, rights: RIGHT.read, ipaGranule },
      { peer: null, rights: RIGHT.read | RIGHT.write | RIGHT.execute, ipaGranule: null },
    ],
  }
}

/** A Realm that the host maps onto one memory of the group, with a policy of its own making or the blob of a member. */
function stranger(stage: AttackStage, memory: Memory, blob?: Uint8Array): Actor {
  const image = otherImage(stage.group.realms[0]!)
  const own = asOwn(memory)
  const policy: Policy = {
    self: 0,
    peers: [{ name: 'stranger', gateway: false, strict: false, rims: [rimOf(image)] }],
    memories: [own],
    transitions: [],
  }
  return stage.beside({ peer: 'stranger', image, blob: blob ?? encodeBlob(policy) }, [own])
}

/** What stops a Realm from getting into a memory by a policy; it is in if it was accepted and can read. */
function stoppedJoin(stage: AttackStage, actor: Actor, ipa: number): Stopped {
  const upload = stoppedUpload(actor.upload())
  const access = stoppedAccess(stage, actor, () => actor.load(ipa))
  return upload ?? access
}

const ipaOf = (memory: Memory): number => memory.mappings[0]!.ipaGranule! * GRANULE

const strangerJoins: Attack = {
  name: 'stranger',
  adversary: 'the host and a stranger',
  tries: 'share each channel, by a policy that says a Realm of another image may read it',
  afterUploads: true,
  run: (stage) => closedMemories(stage).map((memory) => stoppedJoin(stage, stranger(stage, memory), ipaOf(memory))),
}

const impostor: Attack = {
  name: 'impostor',
  adversary: 'the host and a stranger',
  tries: 'share each channel, by the policy of a member',
  afterUploads: true,
  run: (stage) =>
    closedMemories(stage).map((memory) => {
      const { blob } = stage.group.realms[memory.mappings[0]!.peer!]!
      return stoppedJoin(stage, stranger(stage, memory, blob), ipaOf(memory))
    }),
}

const replica: Attack = {
  name: 'replica',
  adversary: 'the host',
  tries: 'starts each member a second time, on the same channels',
  afterUploads: true,
  run: (stage) =>
    stage.actors.flatMap((actor, index) => {
      const shared = actor.places.filter(({ memory }) => memory.kind === 'protected')
      const [first] = shared
      if (first === undefined) return []
      const memories = shared.map(({ memory }) => {
        const own = memory.mappings.find(({ peer }) => peer === actor.policy.self)!
        return { ...memory, mappings: [{ ...own, peer: 0 }] }
      })
      const second = stage.beside(stage.group.realms[index]!, memories)
      return [stoppedJoin(stage, second, first.ipa)]
    }),
}

/** Attacks with a Realm that the host starts beside the group. */
export const STRANGER_ATTACKS: readonly Attack[] = [strangerJoins, impostor, replica]
