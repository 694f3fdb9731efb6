import type { MachineEvent } from '@mica/plugins'
import type { MemoryKind, Workflow } from '@mica/policy'
import { type Admission, newAdmission, noteAdmission } from './admission.ts'
import { MemoryLayout } from './memory-layout.ts'
import { RealmNames } from './realm-names.ts'

/** What the Realms did with one memory, in bytes. */
export interface ChannelTraffic {
  readonly name: string
  readonly kind: MemoryKind
  /** Whether two Realms or more ever held it at once; an unprotected one, towards the host, never is. */
  opened: boolean
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

/** What a run did, counted from the event trace and from nothing else. */
export class RunSummary {
  readonly channels: readonly ChannelTraffic[]
  readonly exits: readonly ExitCounts[]
  readonly admissions: readonly Admission[]
  /** The first of each kind, in order. Accesses before a Realm's policy is in force are in its admission. */
  readonly stopped: Stopped[] = []
  readonly #names = new RealmNames()
  readonly #layout: MemoryLayout

  constructor(workflow: Workflow) {
    this.#layout = new MemoryLayout(workflow)
    this.channels = workflow.memories.map(({ name, kind }) => ({ name, kind, opened: false, written: 0, read: 0 }))
    this.exits = workflow.peers.map(({ name }) => ({ peer: name, allowed: 0, scrubbed: 0, blocked: 0 }))
    this.admissions = workflow.peers.map(({ name }) => newAdmission(name))
  }

  /** Says which Realm is which peer. Counted is what happens from then on. */
  identify(rd: string, peer: string): void {
    this.#names.identify(rd, peer)
  }

  /** The admission of the Realm that an event is about. */
  admissionOf(event: MachineEvent): Admission | undefined {
    const peer = this.#names.peerOf(event)
    return this.admissions.find((admission) => admission.peer === peer)
  }

  /** Counts an event. */
  add(event: MachineEvent): void {
    this.#names.note(event)
    if (event.event === 'memory') this.#noteChannel(event)
    const admission = this.admissionOf(event)
    if (admission === undefined) return
    const memory = this.#layout.memoryAt(admission.peer, event['ipa'] ?? event['block'])
    noteAdmission(admission, event, memory)
    if (event.event === 'access') this.#countAccess(event, memory?.name)
    else if (event.event === 'exit') this.#countExit(event, admission.peer)
    else this.#noteStopped(event, admission, memory?.name)
  }

  #noteChannel(event: MachineEvent): void {
    const channel = this.channels.find(({ name }) => name === event['name'])
    if (channel !== undefined && event['state'] === 'active') channel.opened = true
  }

  #countAccess(event: MachineEvent, memory: string | undefined): void {
    const traffic = this.channels.find(({ name }) => name === memory)
    if (traffic === undefined) return
    traffic.written += Number(event['stored'])
    traffic.read += Number(event['loaded'])
  }

  #countExit(event: MachineEvent, peer: string): void {
    const counts = this.exits.find((exits) => exits.peer === peer)!
    if (event['action'] === 'allow') counts.allowed++
    else if (event['action'] === 'scrub') counts.scrubbed++
    else if (event['action'] === 'block') {
      counts.blocked++
      this.#note({ peer, what: `${event['class']} ${event['id']}`, rule: String(event['rule']) })
    }
  }

  #noteStopped(event: MachineEvent, { peer, policy, refusal }: Admission, memory: string | undefined): void {
    if (event.event === 'policy' && policy === 'refused') {
      this.#note({ peer, what: 'upload of its policy', rule: refusal!.rule })
    } else if (event.event === 'fault' && policy === 'accepted') {
      this.#note({
        peer,
        what: `${event['access']} of ${memory ?? event['ipa']}`,
        rule: `stage 2: ${event['fault']} fault`,
      })
    }
  }

  #note(stopped: Stopped): void {
    const known = this.stopped.some(({ peer, what }) => peer === stopped.peer && what === stopped.what)
    if (!known) this.stopped.push(stopped)
  }
}
