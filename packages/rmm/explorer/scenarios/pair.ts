import type { Sketch } from '../../lab/policy-sketch.ts'
import type { PolicySpec, Scenario } from '../scenario.ts'

/** Where the channel of both policies lies, and where it does not. */
const LINE = 0x200
const ELSEWHERE = LINE + 1

/** The two ends of a channel, each as the other expects it. */
export const ENDS: readonly PolicySpec[] = (['left', 'right'] as const).map((self) => ({
  name: self,
  by: [self],
  sketch: (rim): Sketch => ({
    self,
    peers: { left: { rim: rim('left') }, right: { rim: rim('right') } },
    memories: { line: { at: LINE, paced: true, rights: { left: 'w', right: 'r' } } },
  }),
}))

const REALMS = [
  { name: 'left', image: 1 },
  { name: 'right', image: 2 },
] as const

/** Two Realms, a channel, and everything that Mica adds for hosts and guests. */
export const PAIR: Scenario = {
  name: 'pair',
  about: 'two ends of a paced channel, one granule, two places to put it',
  realms: REALMS,
  policies: ENDS,
  together: ['left.line + right.line'],
  pool: 1,
  pages: [LINE, ELSEWHERE],
  host: [
    'RMI_GRANULE_DELEGATE',
    'RMI_GRANULE_UNDELEGATE',
    'RMI_SGT',
    'RMI_SGT_DESTROY',
    'RMI_REALM_PD',
    'RMI_DATA_CREATE_UNKNOWN_SHARED',
    'RMI_DATA_DESTROY_SHARED',
    'RMI_DATA_CREATE',
    'RMI_DATA_CREATE_UNKNOWN',
    'RMI_DATA_DESTROY',
  ],
  guests: ['UPLOAD', 'LEAVE', 'REJOIN', 'NOTIFY', 'CREDIT', 'ASK', 'WRITE', 'MEASURE'],
}

/** From nothing: also the monitor's table and the Realms' granules for policies come from those the host plays with. */
export const BARE: Scenario = {
  name: 'bare',
  about: 'two ends of a channel, and four granules for the channel, the table and the policies',
  realms: REALMS,
  policies: ENDS,
  together: ['left.line + right.line'],
  pool: 4,
  pages: [LINE],
  bare: true,
  host: [
    'RMI_GRANULE_DELEGATE',
    'RMI_GRANULE_UNDELEGATE',
    'RMI_SGT',
    'RMI_SGT_DESTROY',
    'RMI_REALM_PD',
    'RMI_DATA_CREATE_UNKNOWN_SHARED',
    'RMI_DATA_DESTROY_SHARED',
  ],
  guests: ['UPLOAD', 'LEAVE', 'REJOIN'],
}

/** Realms that are taken to pieces, and built again. */
export const SECOND_LIFE: Scenario = {
  name: 'second-life',
  about: 'two ends of a channel whose Realms are taken apart piece by piece and built once more',
  realms: REALMS,
  policies: ENDS,
  together: ['left.line + right.line'],
  pool: 1,
  pages: [LINE],
  before: ['RMI_GRANULE_DELEGATE a'],
  host: [
    'RMI_DATA_CREATE_UNKNOWN_SHARED',
    'RMI_DATA_DESTROY_SHARED',
    'RMI_DATA_CREATE_UNKNOWN',
    'RMI_DATA_DESTROY',
    'RMI_RTT_CREATE',
    'RMI_RTT_DESTROY',
    'RMI_RTT_FOLD',
    'RMI_REC_DESTROY',
    'RMI_REALM_DESTROY',
    'REBUILD',
  ],
  guests: ['UPLOAD', 'WRITE'],
  depth: 12,
}

/** A page that a Realm declares RAM, or the host makes a channel, or tries both. */
export const DECLARED: Scenario = {
  name: 'declared',
  about: 'two ends of a channel who may ask for RAM where the channel should be',
  realms: REALMS,
  policies: ENDS,
  together: ['left.line + right.line'],
  pool: 2,
  pages: [LINE],
  before: ['RMI_GRANULE_DELEGATE a', 'RMI_GRANULE_DELEGATE b'],
  host: [
    'RMI_DATA_CREATE_UNKNOWN_SHARED',
    'RMI_DATA_DESTROY_SHARED',
    'RMI_DATA_CREATE_UNKNOWN',
    'RMI_DATA_DESTROY',
    'RMI_RTT_SET_RIPAS',
    'RMI_RTT_FOLD',
    'RMI_RTT_CREATE',
  ],
  guests: ['UPLOAD', 'DECLARE', 'WRITE', 'LEAVE', 'REJOIN'],
}
