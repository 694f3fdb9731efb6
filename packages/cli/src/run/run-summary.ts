import type { MachineEvent } from '@mica/plugins'
import type { Workflow, WorkflowMemory } from '@mica/policy'

/** What the Realms did with one memory, in bytes. */
export interface ChannelTraffic {
  readonly name: string
  written: number
  read: number
}

/** How often one Realm crossed to the host, by what its policy said of it. */
export interface ExitCounts {
  readonly peer: string
  allowed: number
  scrubbed: number
  blocked: number
}

/** A crossing or an access that something stopped, and the rule that did. */
export interface Stopped {
  readonly peer: string
  readonly what: string
  readonly rule: string
}

const BLOCK = 2 ** 21
const UNPROTECTED_HALF = 2 ** 38

/**
 * What a run did, counted from the event trace and from nothing else.
 *
 * Accesses are traced per 2 MiB of IPA space, which is what the language gives each memory; memories pinned by `at` into
 * the same 2 MiB are counted as the first of them.
 */
export class RunSummary {
  readonly channels: readonly ChannelTraffic[]
  readonly exits: readonly ExitCounts[]
  /** The first of each kind, in order. */
  readonly stopped: Stopped[] = []
  readonly #peerOfRd = new Map<string, number>()
  readonly #peerOfRec = new Map<string, number>()
  readonly #memoryAt: ReadonlyMap<string, number>
  readonly #workflow: Workflow
  readonly #early: MachineEvent[] = []

  constructor(workflow: Workflow) {
    this.#workflow = workflow
    this.channels = workflow.memories.map(({ name }) => ({ name, written: 0, read: 0 }))
    this.exits = workflow.peers.map(({ name }) => ({ peer: name, allowed: 0, scrubbed: 0, blocked: 0 }))
    this.#memoryAt = indexMemories(workflow)
  }

  /** Says which Realm is which peer. What happened before it was known is counted now. */
  identify(rd: string, peer: string): void {
    const index = this.#workflow.peers.findIndex(({ name }) => name === peer)
    if (index < 0) return
    this.#peerOfRd.set(rd, index)
    for (const event of this.#early.splice(0)) this.add(event)
  }

  add(event: MachineEvent): void {
    const { rec, rd } = event
    if (event.event === 'rec' && typeof rec === 'string' && typeof rd === 'string') this.#identifyRec(event, rec, rd)
    else if (typeof rec === 'string') this.#count(event, this.#peerOfRec.get(rec))
  }

  #identifyRec(event: MachineEvent, rec: string, rd: string): void {
    const peer = this.#peerOfRd.get(rd)
    if (peer === undefined) this.#early.push(event)
    else this.#peerOfRec.set(rec, peer)
  }

  #count(event: MachineEvent, peer: number | undefined): void {
    if (peer === undefined) return
    if (event.event === 'access') this.#countAccess(event, peer)
    else if (event.event === 'exit') this.#countExit(event, peer)
  }

  #countAccess(event: MachineEvent, peer: number): void {
    const memory = this.#memoryAt.get(`${peer}:${Math.floor(Number(event['block']) / BLOCK)}`)
    const traffic = memory === undefined ? undefined : this.channels[memory]
    if (traffic === undefined) return
    traffic.written += Number(event['stored'] ?? 0)
    traffic.read += Number(event['loaded'] ?? 0)
  }

  #countExit(event: MachineEvent, peer: number): void {
    const counts = this.exits[peer]!
    if (event['action'] === 'allow') counts.allowed++
    else if (event['action'] === 'scrub') counts.scrubbed++
    else if (event['action'] === 'block') {
      counts.blocked++
      this.#note({ peer: counts.peer, what: `${event['class']} ${event['id']}`, rule: String(event['rule']) })
    }
  }

  #note(stopped: Stopped): void {
    if (!this.stopped.some((known) => known.peer === stopped.peer && known.what === stopped.what))
      this.stopped.push(stopped)
  }
}

function indexMemories(workflow: Workflow): ReadonlyMap<string, number> {
  const index = new Map<string, number>()
  workflow.memories.forEach((memory, position) => {
    for (const mapping of memory.mappings) {
      if (mapping.peer === null || mapping.ipaGranule === null) continue
      for (const block of blocksOf(memory, mapping.ipaGranule)) {
        const key = `${mapping.peer}:${block}`
        if (!index.has(key)) index.set(key, position)
      }
    }
  })
  return index
}

function* blocksOf(memory: WorkflowMemory, ipaGranule: number): Iterable<number> {
  const start = ipaGranule * 4096 + (memory.kind === 'unprotected' ? UNPROTECTED_HALF : 0)
  const end = start + memory.granules * 4096
  for (let block = Math.floor(start / BLOCK); block * BLOCK < end; block++) yield block
}
