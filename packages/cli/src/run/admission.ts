import type { MachineEvent } from '@mica/plugins'
import type { WorkflowMemory } from '@mica/policy'

/** What the protected channels of a Realm did to its accesses. */
export interface ChannelAccesses {
  /** Accesses that stage 2 refused. */
  refused: number
  /** Bytes loaded and stored by those that it let through. */
  bytes: number
}

/** Why the monitor refused a policy. */
export interface UploadRefusal {
  /** Step of the upload, 1 to 8. */
  readonly step: number
  readonly rule: string
  readonly facts: Readonly<Record<string, string | number>>
}

/** How one Realm came to its channels, or why it did not: read from the event trace. */
export interface Admission {
  readonly peer: string
  /** What became of the policy that the Realm was handed. */
  policy: 'not-uploaded' | 'accepted' | 'refused'
  /** Of the last upload that was refused. */
  refusal?: UploadRefusal
  /** Before a policy of this Realm was in force, when no protected channel may answer; and from then on. */
  readonly before: ChannelAccesses
  readonly after: ChannelAccesses
  /** What its PE does at last; a halted one never goes on. */
  state: 'running' | 'off' | 'halted'
}

/** An admission of which nothing has happened yet. */
export function newAdmission(peer: string): Admission {
  return {
    peer,
    policy: 'not-uploaded',
    before: { refused: 0, bytes: 0 },
    after: { refused: 0, bytes: 0 },
    state: 'running',
  }
}

/**
 * Adds an event about the Realm of an admission.
 *
 * @param memory The memory of the workflow that the event is about, if it is about one.
 */
export function noteAdmission(admission: Admission, event: MachineEvent, memory: WorkflowMemory | undefined): void {
  const accesses =
    memory?.kind !== 'protected' ? undefined : admission[admission.policy === 'accepted' ? 'after' : 'before']
  switch (event.event) {
    case 'fault':
      if (accesses !== undefined) accesses.refused++
      break
    case 'access':
      if (accesses !== undefined) accesses.bytes += Number(event['loaded']) + Number(event['stored'])
      break
    case 'policy':
      notePolicy(admission, event)
      break
    case 'realm':
      if (event['state'] === 'system-off') admission.state = 'off'
      break
    case 'halt':
      admission.state = 'halted'
      break
  }
}

function notePolicy(admission: Admission, event: MachineEvent): void {
  if (event['decision'] === 'accepted') {
    admission.policy = 'accepted'
    return
  }
  admission.policy = 'refused'
  admission.refusal = { step: Number(event['step']), rule: String(event['rule']), facts: factsOf(event['facts']) }
}

function factsOf(value: unknown): UploadRefusal['facts'] {
  const isFact = (entry: [string, unknown]): entry is [string, string | number] =>
    typeof entry[1] === 'string' || typeof entry[1] === 'number'
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).filter(isFact)) : {}
}
