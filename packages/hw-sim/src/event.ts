/** What an event may carry: JSON, with addresses and registers as hexadecimal text and no contents of memory. */
export type EventValue =
  | string
  | number
  | boolean
  | null
  | readonly EventValue[]
  | { readonly [field: string]: EventValue | undefined }

/** One thing that happened on the machine. `event` names its kind; the other fields are that kind's facts. */
export interface MachineEvent {
  readonly event: string
  readonly [field: string]: EventValue | undefined
}

/** Receives events in the order in which they happen. */
export type EventSink = (event: MachineEvent) => void

/**
 * Where every part of the machine reports what it does. Without a sink nothing is recorded and nothing is paid:
 * callers on hot paths test `enabled` before they build an event.
 *
 * It is the laboratory's view. Nothing below the plugins reads it, so no decision of the machine depends on it.
 */
export class EventLog {
  readonly enabled: boolean
  readonly #sink: EventSink | undefined

  constructor(sink?: EventSink) {
    this.#sink = sink
    this.enabled = sink !== undefined
  }

  emit(event: MachineEvent): void {
    this.#sink?.(event)
  }
}
