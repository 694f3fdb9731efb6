import { describeWorkflow } from '@mica/dsl'
import type { LaunchedRealm, MachineEvent } from '@mica/plugins'
import { type KeyRelease, renderVerdict } from '@mica/verifier'
import type { Terminal } from '../terminal.ts'
import { accesses, hex, kib, plural, table } from '../words.ts'
import type { BuiltGroup } from '../workflow/build-group.ts'
import type { ChannelAccesses } from './admission.ts'
import type { Refusal } from './refusals.ts'
import type { RunObserver, RunResult } from './run-workflow.ts'

/** Where a run leaves what came of it. */
export interface RunFiles {
  readonly output: string
  readonly evidence: string | undefined
}

/** Tells a person what a run does, step by step as it happens. */
export class RunReport {
  readonly #terminal: Terminal
  readonly #policyFile: string
  readonly #group: BuiltGroup
  readonly #opened = new Set<string>()
  readonly #peerOfRd = new Map<string, string>()
  #steps = 0

  constructor(terminal: Terminal, policyFile: string, group: BuiltGroup) {
    this.#terminal = terminal
    this.#policyFile = policyFile
    this.#group = group
  }

  /** The policy holds and the images are measured. */
  built(): void {
    this.#heading('policy', this.#policyFile)
    this.#indented(describeWorkflow(this.#group.workflow))
    this.#heading('images', 'measured before there is a machine; the policies name members by these')
    for (const { name, image, rim, blob } of this.#group.peers) {
      this.#line(`${name.padEnd(12)} image ${kib(image.length)}, policy ${blob.length} bytes, RIM ${hex(rim)}`)
    }
  }

  /** What `runWorkflow` is to call. */
  observer(): RunObserver {
    return {
      event: (event) => this.#noteEvent(event),
      launched: (realms, bootMs) => this.#launched(realms, bootMs),
      verdict: ({ evidence }, release) => this.#judged(evidence.length, release),
      progress: (bytesIn, bytesOut) => this.#terminal.progress(`  ${kib(bytesIn)} in, ${kib(bytesOut)} out`),
    }
  }

  /** The run is over: what the trace says of it, and what came of it. */
  ended(result: RunResult, refusals: readonly Refusal[], files: RunFiles): void {
    this.#counted(result)
    if (refusals.length > 0) this.#refused(refusals)
    const { outcome, judgement } = result
    if (outcome?.kind === 'complete') {
      this.#heading('output', `${files.output} (${kib(outcome.output.length)})`)
    }
    if (files.evidence !== undefined && judgement !== undefined) {
      this.#line(`evidence ${files.evidence}, asked for with challenge ${hex(judgement.offer.challenge)}`)
    }
  }

  #launched(realms: readonly LaunchedRealm[], bootMs: number): void {
    this.#heading('machine', `booted and ${plural(realms.length, 'Realm')} built in ${Math.round(bootMs)} ms`)
    for (const { peer, rd, rim } of realms) {
      this.#peerOfRd.set(rd, peer)
      const expected = this.#group.peers.find(({ name }) => name === peer)?.rim
      const same = expected !== undefined && hex(expected) === hex(rim)
      this.#line(`${peer.padEnd(12)} RIM ${hex(rim)} ${same ? 'as computed' : this.#bad('NOT as computed')}`)
    }
    this.#heading('upload', 'every Realm hands its policy to the monitor, and until then no channel answers it')
  }

  #noteEvent(event: MachineEvent): void {
    if (event.event === 'policy') {
      const peer = this.#peerOfRd.get(String(event['rd'])) ?? String(event['rd'])
      const accepted = event['decision'] === 'accepted'
      const why = accepted ? '' : `: rule ${event['rule']} (step ${event['step']})`
      this.#line(`${peer.padEnd(12)} ${accepted ? 'accepted' : this.#bad('refused')}${why}`)
    } else if (event.event === 'memory' && event['state'] === 'active') {
      this.#opens(String(event['name']))
    }
  }

  #opens(channel: string): void {
    if (this.#opened.has(channel)) return
    this.#opened.add(channel)
    this.#line(`${''.padEnd(12)} channel ${channel} is open: two members with compatible policies hold it`)
  }

  #judged(evidenceLength: number, release: KeyRelease): void {
    this.#heading('report', `${evidenceLength} bytes, judged by the client before anything enters`)
    this.#indented(renderVerdict(release.verdict))
    if (release.kind === 'released') {
      this.#line(`${this.#good('the key is released')}, sealed to the gateway that asked`)
    } else {
      this.#line(`${this.#bad('the key is withheld')}: ${release.findings[0]?.detail ?? 'the report was not accepted'}`)
    }
  }

  #counted({ summary, leaks }: RunResult): void {
    this.#heading('run', 'counted from the event trace')
    this.#table(
      ['channels of', 'before its upload', 'after it'],
      summary.admissions.map(({ peer, before, after }) => [peer, describeAccesses(before), describeAccesses(after)]),
    )
    this.#table(
      ['channel', 'written', 'read'],
      summary.channels.map(({ name, written, read }) => [name, `${written} bytes`, `${read} bytes`]),
    )
    this.#table(
      ['exits of', 'allowed', 'scrubbed', 'blocked'],
      summary.exits.map(({ peer, ...counts }) => [
        peer,
        `${counts.allowed}`,
        `${counts.scrubbed}`,
        `${counts.blocked}`,
      ]),
    )
    const [leak] = leaks.leaks
    const found = leak === undefined ? this.#good('found none') : this.#bad(`found ${leak.secret}`)
    this.#line(
      `the host saw ${kib(leaks.searched)}; looked there for ${leaks.fragments} fragments of the data, ${found}`,
    )
  }

  #refused(refusals: readonly Refusal[]): void {
    this.#heading('refused', this.#bad("the client's key was not released, and nothing entered"))
    const rows = refusals.map(({ peer, by, rule, detail }) => [peer ?? 'the group', by, rule, detail])
    for (const line of table([['peer', 'by', 'rule'], ...rows], 'left')) this.#line(line)
  }

  #heading(title: string, text: string): void {
    this.#terminal.out()
    this.#terminal.out(this.#terminal.style.bold(`${++this.#steps}  ${title.padEnd(8)} ${text}`))
  }

  #table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    for (const line of table([head, ...rows], 'right')) this.#line(line)
    this.#terminal.out()
  }

  #indented(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.#line(line)
  }

  #line(text: string): void {
    this.#terminal.out(text === '' ? '' : `  ${text}`)
  }

  #good(text: string): string {
    return this.#terminal.style.green(text)
  }

  #bad(text: string): string {
    return this.#terminal.style.red(text)
  }
}

function describeAccesses({ refused, bytes }: ChannelAccesses): string {
  const parts = [
    ...(refused > 0 ? [`${accesses(refused)} refused`] : []),
    ...(bytes > 0 ? [`${bytes} bytes let through`] : []),
  ]
  return parts.length === 0 ? 'no access' : parts.join(', ')
}
