import { describeWorkflow } from '@mica/dsl'
import type { LaunchedRealm, MachineEvent, RunEnd } from '@mica/plugins'
import type { SessionOffer } from '@mica/realm-sdk/session'
import { type KeyRelease, renderVerdict, verdictJson } from '@mica/verifier'
import type { Terminal } from '../terminal.ts'
import type { BuiltGroup } from '../workflow/build-group.ts'
import { type LoadedWorkflow, plural } from '../workflow/load-workflow.ts'
import type { RunObserver, RunResult } from './run-workflow.ts'

/** Tells a person, or a program, what a run did: as it happens, and at the end. */
export class RunReport {
  readonly #terminal: Terminal
  readonly #json: boolean
  #group: BuiltGroup | undefined
  #offer: SessionOffer | undefined
  #release: KeyRelease | undefined
  #step = 0
  #peerOfRd = new Map<string, string>()

  constructor(terminal: Terminal, json: boolean) {
    this.#terminal = terminal
    this.#json = json
  }

  /** The report that the gateway sent; absent when it never came to that. */
  get evidence(): Uint8Array | undefined {
    return this.#offer?.evidence
  }

  /** The policy holds and the images are measured. */
  built(loaded: LoadedWorkflow, group: BuiltGroup): void {
    this.#group = group
    this.#heading(`policy   ${loaded.file}`)
    this.#indented(describeWorkflow(group.workflow))
    this.#heading('images   measured before there is a machine; the policies name members by these')
    for (const { name, image, rim, blob } of group.peers) {
      this.#line(`  ${name.padEnd(12)} image ${kib(image.length)}, policy ${blob.length} bytes, RIM ${hex(rim)}`)
    }
  }

  /** What {@link runWorkflow} is to call. */
  observer(onEvent: (event: MachineEvent) => void): RunObserver {
    return {
      event: (event) => {
        onEvent(event)
        this.#notePolicy(event)
      },
      launched: (realms, bootMs) => this.#launched(realms, bootMs),
      verdict: (offer, release) => this.#verdict(offer, release),
      progress: (bytesIn, bytesOut) => this.#terminal.progress(`  ${kib(bytesIn)} in, ${kib(bytesOut)} out`),
    }
  }

  /** The run is over. */
  ended(result: RunResult, files: { readonly output: string; readonly evidence: string | undefined }): void {
    if (this.#json) {
      this.#terminal.out(JSON.stringify(this.#toJson(result, files)))
      return
    }
    this.#heading('run      counted from the event trace')
    this.#table(
      ['channel', 'written', 'read'],
      result.summary.channels.map(({ name, written, read }) => [name, `${written} bytes`, `${read} bytes`]),
    )
    this.#line()
    this.#table(
      ['exits of', 'allowed', 'scrubbed', 'blocked'],
      result.summary.exits.map(({ peer, allowed, scrubbed, blocked }) => [
        peer,
        `${allowed}`,
        `${scrubbed}`,
        `${blocked}`,
      ]),
    )
    this.#leaks(result)
    const { outcome } = result
    if (outcome?.kind === 'complete') {
      this.#heading(`output   ${files.output} (${kib(outcome.output.length)})`)
      if (files.evidence !== undefined && this.#offer !== undefined) {
        this.#line(`  evidence ${files.evidence}, asked for with challenge ${hex(this.#offer.challenge)}`)
      }
    }
  }

  /** One line for a run that ended before the client got an answer. */
  whyNothingHappened(ended: RunEnd): string {
    if (ended === 'realms-off') return 'every Realm switched itself off before the gateway answered'
    return ended === 'stalled' ? 'nothing moved any more: the Realms wait for each other' : 'the client ended first'
  }

  #launched(realms: readonly LaunchedRealm[], bootMs: number): void {
    for (const { rd, peer } of realms) this.#peerOfRd.set(rd, peer)
    this.#heading(`machine  booted and ${plural(realms.length, 'Realm')} built in ${Math.round(bootMs)} ms`)
    for (const { peer, rim } of realms) {
      const expected = this.#group?.peers.find(({ name }) => name === peer)?.rim
      const same = expected !== undefined && hex(expected) === hex(rim)
      this.#line(`  ${peer.padEnd(12)} RIM ${hex(rim)} ${same ? 'as computed' : this.#bad('NOT as computed')}`)
    }
    this.#heading('upload   every Realm hands its policy to the monitor')
  }

  #notePolicy(event: MachineEvent): void {
    if (event.event === 'memory') {
      this.#line(`  channel ${event['name']} is open: two members with compatible policies hold it`)
    } else if (event.event === 'policy') {
      const peer = this.#peerOfRd.get(String(event['rd'])) ?? String(event['rd'])
      const accepted = event['decision'] === 'accepted'
      const why = accepted ? '' : `: rule ${event['rule']} (step ${event['step']})`
      this.#line(`  ${peer.padEnd(12)} ${accepted ? 'accepted' : this.#bad('refused')}${why}`)
    }
  }

  #verdict(offer: SessionOffer, release: KeyRelease): void {
    this.#offer = offer
    this.#release = release
    this.#heading(`report   ${offer.evidence.length} bytes, judged by the client before anything enters`)
    this.#indented(renderVerdict(release.verdict))
    if (release.kind === 'released')
      this.#line(`  ${this.#good('the key is released')}, sealed to the gateway that asked`)
    else {
      this.#line(
        `  ${this.#bad('the key is withheld')}: ${release.findings[0]?.detail ?? 'the report was not accepted'}`,
      )
    }
  }

  #leaks({ leaks }: RunResult): void {
    this.#line()
    this.#line(
      `  the host saw ${kib(leaks.searched)}; looked there for ${leaks.fragments} fragments of the data, ` +
        (leaks.leaks.length === 0 ? this.#good('found none') : this.#bad(`found ${leaks.leaks[0]!.secret}`)),
    )
  }

  #toJson(result: RunResult, files: { readonly output: string; readonly evidence: string | undefined }): object {
    const { outcome, summary, leaks, ended } = result
    return {
      workflow: this.#group?.workflow.name,
      members: this.#group?.peers.map(({ name, rim }) => ({ name, rim: `sha256:${hex(rim)}` })),
      verdict: this.#release === undefined ? null : verdictJson(this.#release.verdict),
      released: this.#release?.kind === 'released',
      ended,
      outcome: outcome === undefined ? null : outcome.kind === 'complete' ? { kind: outcome.kind } : outcome,
      output: outcome?.kind === 'complete' ? { file: files.output, bytes: outcome.output.length } : null,
      evidence:
        this.#offer === undefined
          ? null
          : {
              bytes: this.#offer.evidence.length,
              challenge: hex(this.#offer.challenge),
              ...(files.evidence === undefined ? {} : { file: files.evidence }),
            },
      channels: summary.channels,
      exits: summary.exits,
      stopped: summary.stopped,
      leaks: { found: leaks.leaks.length, fragments: leaks.fragments, searchedBytes: leaks.searched },
    }
  }

  #heading(text: string): void {
    this.#line()
    this.#line(this.#terminal.style.bold(`${++this.#step}  ${text}`))
  }

  #table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    const all = [head, ...rows]
    const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
    for (const row of all) {
      this.#line(
        `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('   ')}`,
      )
    }
  }

  #indented(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.#line(line === '' ? '' : `  ${line}`)
  }

  #line(text = ''): void {
    if (!this.#json) this.#terminal.out(text)
  }

  #good(text: string): string {
    return this.#terminal.style.green(text)
  }

  #bad(text: string): string {
    return this.#terminal.style.red(text)
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`
}
