import { encodeBlob, type Memory, type Peer, type Policy, RIGHT } from '@mica/policy'
import { ScriptedHost, type ScriptedRealm } from '../scripted-host.ts'
import { at } from './pipeline.ts'

/** Memories of the club's policies, by index, and where each lies in every Realm. */
export const LINE = 0
export const BOARD = 1
export const BACK = 2
export const CODE = 3
export const IPA = [at(0x200), at(0x208), at(0x210), at(0x218)] as const
export const PAGES = [1, 2, 1, 1] as const

/** What a PE does between two credits, and between two rejoins, here: a few calls. */
export const QUANTUM = 4096

export type Name = 'ann' | 'bob' | 'cat'
export const NAMES: readonly Name[] = ['ann', 'bob', 'cat']
const READ = RIGHT.read
const WRITE = RIGHT.write

const memory = (index: number, name: string, rights: readonly number[], paced = false): Memory => ({
  name,
  kind: 'protected',
  granules: PAGES[index]!,
  mappings: rights.flatMap((right, peer) =>
    right === 0 ? [] : [{ peer, rights: right, ipaGranule: IPA[index]! / 4096 }],
  ),
  paced,
})

/** ann writes a paced line to bob and owns a board that all have; bob writes back; ann may run, not read, cat's code. */
const MEMORIES: readonly Memory[] = [
  memory(LINE, 'line', [WRITE, READ], true),
  memory(BOARD, 'board', [READ | WRITE | RIGHT.owner, READ, READ | WRITE]),
  memory(BACK, 'back', [READ, WRITE]),
  memory(CODE, 'code', [RIGHT.execute, 0, WRITE]),
]

/** Images: the last is one that policies accept in the place of cat's. */
const IMAGES = [11, 12, 13, 14] as const

export interface ClubOptions {
  readonly change?: (policy: Policy, self: number) => Policy
  readonly host?: ScriptedHost
  /** Personalization values, where they are not zero. */
  readonly rpv?: (name: Name) => Uint8Array | undefined
}

/** Three Realms that share memory in all the ways there are, and a fourth that could take cat's place. */
export class Club {
  readonly host: ScriptedHost
  readonly ann: ScriptedRealm
  readonly bob: ScriptedRealm
  readonly cat: ScriptedRealm
  readonly heir: ScriptedRealm
  readonly granules: readonly (readonly number[])[]
  #heirHasMemories = false
  readonly #change: (policy: Policy, self: number) => Policy

  constructor({
    host = new ScriptedHost({ limits: { quantum: QUANTUM } }),
    change = (policy) => policy,
    rpv = () => undefined,
  }: ClubOptions = {}) {
    this.host = host
    this.#change = change
    host.addSharedGranuleTable()
    const [ann, bob, cat, heir] = IMAGES.map((image, index) => {
      const value = rpv(NAMES[index] ?? 'cat')
      return host.createRealm({
        image,
        policyGranules: 1,
        recs: [{}, {}],
        ...(value === undefined ? {} : { rpv: value }),
      })
    })
    this.ann = ann!
    this.bob = bob!
    this.cat = cat!
    this.heir = heir!
    this.granules = MEMORIES.map(({ mappings }, index) =>
      host.share(PAGES[index]!, ...mappings.map(({ peer }) => [this.realm(NAMES[peer!]!), IPA[index]!] as const)),
    )
  }

  realm(name: Name): ScriptedRealm {
    return this[name]
  }

  policy(self: number): Policy {
    const peer = (name: string, ...realms: ScriptedRealm[]): Peer => {
      return { name, gateway: false, strict: false, rims: realms.map(({ rim }) => rim) }
    }
    const peers = [peer('ann', this.ann), peer('bob', this.bob), peer('cat', this.cat, this.heir)]
    return this.#change({ self, peers, memories: MEMORIES, transitions: [] }, self)
  }

  upload(realm: ScriptedRealm, self: number): readonly [status: number, reason: number] {
    return realm.upload(encodeBlob(this.policy(self)))
  }

  /** Maps cat's memories into the heir as well. */
  mapIntoHeir(): void {
    this.#heirHasMemories = true
    for (const memory of [BOARD, CODE]) this.heir.mapShared(this.granules[memory]!, IPA[memory]!)
  }

  /** Maps cat's memories into the heir, if they are not, and uploads cat's policy there. */
  inherit(): readonly [status: number, reason: number] {
    if (!this.#heirHasMemories) this.mapIntoHeir()
    return this.upload(this.heir, NAMES.indexOf('cat'))
  }

  uploadAll(): this {
    for (const [self, name] of NAMES.entries()) {
      const [status, reason] = this.upload(this.realm(name), self)
      if (status !== 0) throw new Error(`${name} was refused by rule ${reason}`)
    }
    return this
  }
}

/** Lets a REC work for as long as the club's quantum. */
export function work(realm: ScriptedRealm, rec = 0, units = QUANTUM): void {
  realm.recs[rec]!.perform(function* (cpu) {
    for (let done = 0; done < units; done += 512) yield* cpu.smc([0xc400_0190n, 0x1_0000n])
  })
}

/** What a Realm can do with the first and last page of a memory. */
export function accessTo(realm: ScriptedRealm, memory: number): string {
  const last = IPA[memory]! + (PAGES[memory]! - 1) * 4096
  const kinds = (['read', 'write', 'fetch'] as const).filter((kind) =>
    [IPA[memory]!, last].every((ipa) => realm.can(kind, ipa)),
  )
  return kinds.join(' ') || '-'
}
