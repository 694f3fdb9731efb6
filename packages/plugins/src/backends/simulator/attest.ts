import { type Instruction, type ScriptedCpu, type ScriptedProgram, scriptedGuests } from '@mica/hw-sim'
import { POLICY_BLOB_OFFSET, REALM_BASE, SCRATCH_BASE } from '@mica/realm-sdk/build'
import {
  ATTEST_GROUP_DISCLOSABLE,
  RSI_ATTEST_TOKEN_CONTINUE_GROUP,
  RSI_ATTEST_TOKEN_INIT_GROUP,
  RSI_ATTESTATION_TOKEN_CONTINUE,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_INCOMPLETE,
  RSI_SUCCESS,
  RSI_UPLOAD_POLICY,
} from '@mica/rmm/abi'
import type { Attestation, AttestationRequest, BootOptions, Device, GroupToLaunch } from '../../backend.ts'
import { bootSimulator } from './boot.ts'

const GRANULE = 4096n

/** Calls of the monitor that begin and continue each kind of evidence. */
const CALLS: Readonly<Record<AttestationRequest['kind'], readonly [begin: bigint, proceed: bigint]>> = {
  token: [RSI_ATTESTATION_TOKEN_INIT, RSI_ATTESTATION_TOKEN_CONTINUE],
  group: [RSI_ATTEST_TOKEN_INIT_GROUP, RSI_ATTEST_TOKEN_CONTINUE_GROUP],
}

/**
 * Makes evidence of a group on a simulated machine of its own, for a challenge of the caller's choice.
 *
 * The images are loaded and measured but not run: where a Realm's program would start, a script uploads its policy,
 * and in the Realm that asks, once all policies are in force, obtains the evidence. So evidence can be had for
 * workflows whose programs would wait for input. Only a laboratory can do this; a program that let others choose its
 * challenges would sign away the keys that are released to it.
 */
export async function attestOnSimulator(
  group: GroupToLaunch,
  request: AttestationRequest,
  options: BootOptions,
): Promise<Attestation> {
  const stage = new Stage(group.realms.length, request)
  const platform = await bootSimulator(options, scriptedGuests(stage.programFor))
  try {
    const deployment = await platform.launch(group)
    for (const { peer, built } of deployment.built) {
      for (const { rec } of built.recs) if (peer === request.peer) stage.asking.add(`0x${rec.toString(16)}`)
    }
    await deployment.run(stage)
    return stage.result ?? { kind: 'refused', reason: 'the Realms made no progress' }
  } finally {
    await platform.stop()
  }
}

/** What the scripts of one group have done so far. The device at the end of the run: done when there is a result. */
class Stage implements Device {
  /** RECs of the Realm that asks, as guests know their own. */
  readonly asking = new Set<string>()
  result: Attestation | undefined
  #awaited: number
  readonly #request: AttestationRequest

  constructor(realms: number, request: AttestationRequest) {
    this.#awaited = realms
    this.#request = request
  }

  async poll(): Promise<'progress' | 'done'> {
    return this.result === undefined ? 'progress' : 'done'
  }

  readonly programFor: Parameters<typeof scriptedGuests>[0] = ({ rec }): ScriptedProgram => {
    return (cpu) => this.#program(cpu, rec)
  };

  *#program(cpu: ScriptedCpu, rec: string): ReturnType<ScriptedProgram> {
    const length = yield* cpu.load32(REALM_BASE)
    yield* cpu.copy(SCRATCH_BASE, REALM_BASE + POLICY_BLOB_OFFSET, length)
    const [status, reason] = yield* cpu.smc([RSI_UPLOAD_POLICY, BigInt(SCRATCH_BASE), BigInt(length)])
    if (status !== RSI_SUCCESS) return this.#refuse(`the monitor refused a policy: status ${status}, reason ${reason}`)
    this.#awaited--
    while (this.#awaited > 0) yield* cpu.wfi()
    if (this.asking.has(rec)) this.result ??= yield* this.#obtain(cpu)
    while (true) yield* cpu.wfi()
  }

  *#obtain(cpu: ScriptedCpu): Instruction<Attestation> {
    const { kind, challenge, disclosable = false } = this.#request
    const [begin, proceed] = CALLS[kind]
    const flags = disclosable ? ATTEST_GROUP_DISCLOSABLE : 0n
    const [begun] = yield* cpu.smc([begin, ...words(challenge), flags])
    if (begun !== RSI_SUCCESS) return { kind: 'refused', reason: `the monitor makes no such evidence: status ${begun}` }
    const parts: Uint8Array[] = []
    for (;;) {
      const [status, written = 0n] = yield* cpu.smc([proceed, BigInt(SCRATCH_BASE), 0n, GRANULE])
      if (status !== RSI_SUCCESS && status !== RSI_INCOMPLETE) {
        return { kind: 'refused', reason: `the monitor did not finish the evidence: status ${status}` }
      }
      // The monitor may answer that it is not done only to let the host run, with nothing written.
      if (written > 0n) parts.push(yield* cpu.load(SCRATCH_BASE, Number(written)))
      if (status === RSI_SUCCESS) return { kind: 'made', evidence: new Uint8Array(Buffer.concat(parts)) }
    }
  }

  #refuse(reason: string): void {
    this.result ??= { kind: 'refused', reason }
  }
}

/** A challenge in registers x1 to x8: little-endian words. */
function words(challenge: Uint8Array): bigint[] {
  const view = new DataView(challenge.buffer, challenge.byteOffset, challenge.byteLength)
  return Array.from({ length: 8 }, (_, index) => view.getBigUint64(8 * index, true))
}
