import type { Sketch } from '../../lab/policy-sketch.ts'
import type { PolicySpec, Scenario } from '../scenario.ts'

/** Pages of the channels, and of the gate's window to the host. */
const RAW = 0x200
const CODED = 0x201
const CLEAN = 0x202
const WINDOW = 0x10

const ROLES = ['gate', 'encoder', 'moderator'] as const

const POLICIES: readonly PolicySpec[] = ROLES.map((self) => ({
  name: self,
  by: [self],
  sketch: (rim): Sketch => ({
    self,
    peers: Object.fromEntries(ROLES.map((role) => [role, { rim: rim(role), gateway: role === 'gate' }])),
    memories: {
      raw: { at: RAW, rights: { gate: 'w', encoder: 'r' } },
      coded: { at: CODED, rights: { encoder: 'w', moderator: 'r' } },
      clean: { at: CLEAN, rights: { moderator: 'w', gate: 'r' } },
      window: { at: WINDOW, unprotected: true, rights: { gate: 'r' } },
    },
  }),
}))

const TOGETHER = ['gate.raw + encoder.raw', 'encoder.coded + moderator.coded', 'moderator.clean + gate.clean']

/** Three Realms in a row, the first of which also talks to the host. */
export const PIPELINE: Scenario = {
  name: 'pipeline',
  about: 'gate, encoder and moderator in a circle of three channels, mapped as they should be; then anything',
  realms: ROLES.map((name, index) => ({ name, image: index + 1, unprotected: name === 'gate' })),
  policies: POLICIES,
  together: TOGETHER,
  pool: 3,
  pages: [RAW, CODED, CLEAN],
  windows: [WINDOW],
  before: [
    ...['a', 'b', 'c'].map((granule) => `RMI_GRANULE_DELEGATE ${granule}`),
    'RMI_DATA_CREATE_UNKNOWN_SHARED gate a 0x200000',
    'RMI_DATA_CREATE_UNKNOWN_SHARED encoder a 0x200000',
    'RMI_DATA_CREATE_UNKNOWN_SHARED encoder b 0x201000',
    'RMI_DATA_CREATE_UNKNOWN_SHARED moderator b 0x201000',
    'RMI_DATA_CREATE_UNKNOWN_SHARED moderator c 0x202000',
    'RMI_DATA_CREATE_UNKNOWN_SHARED gate c 0x202000',
  ],
  host: [
    'RMI_GRANULE_UNDELEGATE',
    'RMI_DATA_CREATE_UNKNOWN_SHARED',
    'RMI_DATA_DESTROY_SHARED',
    'RMI_DATA_CREATE_UNKNOWN',
    'RMI_RTT_MAP_UNPROTECTED',
    'RMI_RTT_UNMAP_UNPROTECTED',
  ],
  guests: ['UPLOAD', 'LEAVE', 'REJOIN', 'WRITE'],
  depth: 4,
}

/** Memory of the host's in Realms that may have some, and in those that may not. */
export const WINDOWS: Scenario = {
  name: 'windows',
  about: 'a gateway that may read one page of the host, and a Realm that may have none, with tables for both',
  realms: [
    { name: 'gate', image: 1, unprotected: true },
    { name: 'encoder', image: 2, unprotected: true },
  ],
  policies: (['gate', 'encoder'] as const).map((self) => ({
    name: self,
    by: [self],
    sketch: (rim) => ({
      self,
      peers: { gate: { rim: rim('gate'), gateway: true }, encoder: { rim: rim('encoder') } },
      memories: {
        raw: { at: RAW, rights: { gate: 'w', encoder: 'r' } },
        window: { at: WINDOW, unprotected: true, rights: { gate: 'r' } },
      },
    }),
  })),
  together: ['gate.raw + encoder.raw'],
  pool: 1,
  pages: [RAW],
  windows: [WINDOW, WINDOW + 1],
  before: ['RMI_GRANULE_DELEGATE a'],
  host: [
    'RMI_DATA_CREATE_UNKNOWN_SHARED',
    'RMI_DATA_DESTROY_SHARED',
    'RMI_RTT_MAP_UNPROTECTED',
    'RMI_RTT_UNMAP_UNPROTECTED',
  ],
  guests: ['UPLOAD', 'LEAVE', 'REJOIN'],
}
