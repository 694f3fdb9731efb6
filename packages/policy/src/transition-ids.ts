import type { IdRange, TransitionClass } from './model.ts'

/**
 * Names, numbers and defaults of everything that can cross between a Realm and the host: the one table that compiler,
 * monitor and verifier read.
 *
 * Ids of class `call` are SMC function ids, of class `exception` exception classes (ESR_ELx.EC), of class `interrupt`
 * INTIDs.
 * @see Arm DEN0137 (RMM 1.0), DEN0022 (PSCI 1.1), DEN0028 (SMCCC 1.2), Arm ARM D24.2.40 (ESR_ELx)
 */
export interface NamedIds {
  readonly class: TransitionClass
  /** The word in a policy file. */
  readonly name: string
  readonly ranges: readonly IdRange[]
  /** What it is, for `mica explain --defaults`. */
  readonly meaning: string
}

/** A call that the monitor answers itself. `allow` and `block` are its only actions, and it is no edge to the host. */
export interface Service extends NamedIds {
  readonly class: 'call'
  readonly default: 'allow' | 'block'
}

/** Every id that a class can have. */
export const ID_SPACE: Readonly<Record<TransitionClass, IdRange>> = {
  call: [0, 0xffff_ffff],
  exception: [0, 0x3f],
  interrupt: [0, 0xffff],
}

/**
 * The id of a physical interrupt, in class `interrupt`: an exit because of one has no INTID that the monitor may name,
 * and INTID 1023 is special in the GIC architecture, so that no interrupt of its own can have it.
 */
export const PHYSICAL_INTERRUPT = 1023

/** Exception class of an SError interrupt. */
export const SERROR = 0x2f

/** Exception class of a trapped WFI or WFE. */
export const WFX = 0x01

const call = (name: string, meaning: string, ...ranges: IdRange[]): NamedIds => ({
  class: 'call',
  name,
  ranges,
  meaning,
})
const exception = (name: string, id: number, meaning: string): NamedIds => ({
  class: 'exception',
  name,
  ranges: [[id, id]],
  meaning,
})

/** What the monitor forwards to the host when a policy allows it; default `block`. */
export const TRANSITIONS: readonly NamedIds[] = [
  call('host_call', 'RSI_HOST_CALL: a call to the host with registers', [0xc400_0199, 0xc400_0199]),
  call('ripas', 'RSI_IPA_STATE_SET: asking the host to change the state of memory', [0xc400_0197, 0xc400_0197]),
  call('psci_on', 'PSCI CPU_ON', [0x8400_0003, 0x8400_0003], [0xc400_0003, 0xc400_0003]),
  call('psci_affinity', 'PSCI AFFINITY_INFO', [0x8400_0004, 0x8400_0004], [0xc400_0004, 0xc400_0004]),
  call('psci_cpu_off', 'PSCI CPU_OFF', [0x8400_0002, 0x8400_0002]),
  call(
    'psci',
    'every PSCI call that reaches the host',
    [0x8400_0001, 0x8400_0004],
    [0x8400_0008, 0x8400_0009],
    [0xc400_0001, 0xc400_0001],
    [0xc400_0003, 0xc400_0004],
  ),
  exception('data_abort', 0x24, 'data abort at a stage-2 fault'),
  exception('instruction_abort', 0x20, 'instruction abort at a stage-2 fault'),
  exception('sysreg', 0x18, 'trapped access to a system register'),
  exception('wfx', WFX, 'WFI or WFE'),
  exception('serror', SERROR, 'SError interrupt'),
  {
    class: 'interrupt',
    name: 'physical',
    ranges: [[PHYSICAL_INTERRUPT, PHYSICAL_INTERRUPT]],
    meaning: 'a physical interrupt arrives',
  },
]

/** What always happens, scrubbed unless allowed: a policy cannot block it. */
export const FORCED: readonly NamedIds[] = [
  call('psci_suspend', 'PSCI CPU_SUSPEND', [0x8400_0001, 0x8400_0001], [0xc400_0001, 0xc400_0001]),
  call('psci_system_off', 'PSCI SYSTEM_OFF', [0x8400_0008, 0x8400_0008]),
  call('psci_system_reset', 'PSCI SYSTEM_RESET', [0x8400_0009, 0x8400_0009]),
  exception('wfx', WFX, 'WFI or WFE'),
  exception('serror', SERROR, 'SError interrupt'),
  {
    class: 'interrupt',
    name: 'physical',
    ranges: [[PHYSICAL_INTERRUPT, PHYSICAL_INTERRUPT]],
    meaning: 'a physical interrupt arrives',
  },
]

/** Function ids of the extension's own RSI commands (RMM design, "Commands"). */
export const MICA_RSI = {
  UPLOAD_POLICY: 0xc400_01b0,
  ATTEST_TOKEN_INIT_GROUP: 0xc400_01b1,
  ATTEST_TOKEN_CONTINUE_GROUP: 0xc400_01b2,
  VERSION: 0xc400_01b3,
  POLICY_STATUS: 0xc400_01b4,
  CHANNEL_INFO: 0xc400_01b5,
  NOTIFY: 0xc400_01b6,
  CREDIT: 0xc400_01b7,
  LEAVE: 0xc400_01b8,
  REJOIN: 0xc400_01b9,
  REVOKE: 0xc400_01ba,
  TIME: 0xc400_01bb,
} as const

/** RSI_MEASUREMENT_EXTEND: the one service that tells others something, since measurements stand in reports. */
export const MEASURE = 0xc400_0193

const service = (name: string, defaultAction: 'allow' | 'block', meaning: string, ...ranges: IdRange[]): Service => ({
  class: 'call',
  name,
  ranges,
  default: defaultAction,
  meaning,
})

/** Calls that the monitor answers itself, with what holds for one that a policy does not list. */
export const SERVICES: readonly Service[] = [
  service('smccc', 'allow', 'SMCCC_VERSION', [0x8000_0000, 0x8000_0000]),
  service(
    'psci_info',
    'allow',
    'PSCI_VERSION and PSCI_FEATURES',
    [0x8400_0000, 0x8400_0000],
    [0x8400_000a, 0x8400_000a],
  ),
  service('rsi_info', 'allow', 'RSI_VERSION, RSI_FEATURES and RSI_MEASUREMENT_READ', [0xc400_0190, 0xc400_0192]),
  service('measure', 'block', 'RSI_MEASUREMENT_EXTEND: an edge to every member, since reports carry it', [
    MEASURE,
    MEASURE,
  ]),
  service('attest', 'allow', 'RSI_ATTESTATION_TOKEN_INIT and CONTINUE', [0xc400_0194, 0xc400_0195]),
  service('realm_config', 'allow', 'RSI_REALM_CONFIG', [0xc400_0196, 0xc400_0196]),
  service('ipa_state', 'allow', 'RSI_IPA_STATE_GET', [0xc400_0198, 0xc400_0198]),
  service('upload', 'allow', 'RSI_UPLOAD_POLICY', [MICA_RSI.UPLOAD_POLICY, MICA_RSI.UPLOAD_POLICY]),
  service('attest_group', 'allow', 'RSI_ATTEST_TOKEN_INIT_GROUP and CONTINUE_GROUP', [
    MICA_RSI.ATTEST_TOKEN_INIT_GROUP,
    MICA_RSI.ATTEST_TOKEN_CONTINUE_GROUP,
  ]),
  service('mica_info', 'allow', 'RSI_MICA_VERSION, POLICY_STATUS and CHANNEL_INFO', [
    MICA_RSI.VERSION,
    MICA_RSI.CHANNEL_INFO,
  ]),
  service('notify', 'allow', 'RSI_MICA_NOTIFY: waking those who read a memory', [MICA_RSI.NOTIFY, MICA_RSI.NOTIFY]),
  service('credit', 'allow', 'RSI_MICA_CREDIT: asking the writer of a paced memory for one slot more', [
    MICA_RSI.CREDIT,
    MICA_RSI.CREDIT,
  ]),
  service('leave', 'allow', 'RSI_MICA_LEAVE and REJOIN: giving up memory, and taking it again', [
    MICA_RSI.LEAVE,
    MICA_RSI.REJOIN,
  ]),
  service('revoke', 'allow', 'RSI_MICA_REVOKE: ending a memory that the policy makes the caller an owner of', [
    MICA_RSI.REVOKE,
    MICA_RSI.REVOKE,
  ]),
  service('time', 'block', 'RSI_MICA_TIME: the clock of the machine, which also tells how much others run', [
    MICA_RSI.TIME,
    MICA_RSI.TIME,
  ]),
]

/** The ids that a word stands for in a class, or `undefined` if the class has no such word. */
export function idsOfName(transitionClass: TransitionClass, name: string): readonly IdRange[] | undefined {
  const named = [...TRANSITIONS, ...FORCED, ...SERVICES].find((n) => n.class === transitionClass && n.name === name)
  return named?.ranges
}

/** The most exact word for an id, or `undefined` if it has none. */
export function nameOfId(transitionClass: TransitionClass, id: number): string | undefined {
  const holds = (named: NamedIds): boolean =>
    named.class === transitionClass && named.ranges.some(([first, last]) => first <= id && id <= last)
  return [...SERVICES, ...FORCED, ...TRANSITIONS].find(holds)?.name
}

/** The words that a policy file may use in a class, in the order of the tables. */
export function namesOfClass(transitionClass: TransitionClass): readonly string[] {
  const named = [...TRANSITIONS, ...FORCED, ...SERVICES].filter((n) => n.class === transitionClass)
  return [...new Set(named.map((n) => n.name))]
}

/** One transition of a class, in a sentence: `an exception`. */
export function oneOfClass(transitionClass: TransitionClass): string {
  return transitionClass === 'call' ? 'a call' : `an ${transitionClass}`
}
