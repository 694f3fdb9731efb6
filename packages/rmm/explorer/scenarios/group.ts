import type { Sketch } from '../../lab/policy-sketch.ts'
import type { Scenario } from '../scenario.ts'

/** Pages of the memories, in every Realm, and of ann's window to the host. */
const LINE = 0x200
const BOARD = 0x201
const BACK = 0x203
const WALL = 0x204
const WINDOW = 0x10

const NAMES = ['ann', 'bob', 'cat'] as const

/** Memories in all the ways there are: one way and paced, owned and of two pages, against the arrow, for anyone. */
const memories: Sketch['memories'] & object = {
  line: { at: LINE, paced: true, rights: { ann: 'w', bob: 'r' } },
  board: { at: BOARD, granules: 2, rights: { ann: 'rwo', bob: 'r', cat: 'rw' } },
  back: { at: BACK, rights: { ann: 'x', bob: 'w' } },
  window: { at: WINDOW, unprotected: true, rights: { ann: 'rw' } },
}

/**
 * A group of three with more of everything than can be explored to the end. ann has another policy that claims more than
 * the others give; cat has one that is nobody's.
 */
export const GROUP: Scenario = {
  name: 'group',
  about: 'three Realms that share memory in all the ways there are, for programs made at random',
  realms: NAMES.map((name, index) => ({ name, image: index + 1, unprotected: name !== 'bob' })),
  policies: [
    ...NAMES.map((self) => ({
      name: self,
      by: [self],
      sketch: (rim: (realm: string) => Uint8Array): Sketch => ({
        self,
        peers: Object.fromEntries(NAMES.map((name) => [name, { rim: rim(name), gateway: name === 'ann' }])),
        memories,
      }),
    })),
    {
      name: 'greedy',
      by: ['ann'],
      sketch: (rim) => ({
        self: 'ann',
        peers: Object.fromEntries(NAMES.map((name) => [name, { rim: rim(name), gateway: name === 'ann' }])),
        memories: { ...memories, back: { at: BACK, rights: { ann: 'rx', bob: 'w' } } },
      }),
    },
    {
      name: 'wall',
      by: ['cat'],
      sketch: (rim) => ({
        self: 'cat',
        peers: { cat: { rim: rim('cat') } },
        memories: { wall: { at: WALL, rights: { cat: 'rw', any: 'r' }, anyCount: 1 } },
      }),
    },
  ],
  together: [
    'ann.line + bob.line',
    'ann.board + bob.board',
    'ann.board + cat.board',
    'bob.board + cat.board',
    'ann.back + bob.back',
  ],
  pool: 6,
  pages: [LINE, BOARD, BOARD + 1, BACK, WALL],
  windows: [WINDOW, WINDOW + 1],
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
    'RMI_RTT_CREATE',
    'RMI_RTT_DESTROY',
    'RMI_RTT_FOLD',
    'RMI_RTT_MAP_UNPROTECTED',
    'RMI_RTT_UNMAP_UNPROTECTED',
    'RMI_RTT_SET_RIPAS',
    'RMI_REC_DESTROY',
    'RMI_REALM_DESTROY',
    'REBUILD',
  ],
  guests: ['UPLOAD', 'LEAVE', 'REJOIN', 'REVOKE', 'NOTIFY', 'CREDIT', 'ASK', 'READ', 'WRITE', 'DECLARE', 'MEASURE'],
}

/** What everybody does when all goes well. */
export const GROUP_COURSE: readonly string[] = [
  ...['a', 'b', 'c', 'd'].map((granule) => `RMI_GRANULE_DELEGATE ${granule}`),
  ...['ann', 'bob'].flatMap((realm) => [share(realm, 'a', LINE), share(realm, 'd', BACK)]),
  ...NAMES.flatMap((realm) => [share(realm, 'b', BOARD), share(realm, 'c', BOARD + 1)]),
  ...NAMES.map((realm) => `${realm}: UPLOAD ${realm}`),
  'ann: WRITE 0x200000; NOTIFY 0',
  'bob: READ 0x200000; CREDIT 0',
  'cat: WRITE 0x201000; LEAVE 1; REJOIN 1',
  'bob: LEAVE all; REJOIN all',
  'ann: REVOKE 1',
]

function share(realm: string, granule: string, page: number): string {
  return `RMI_DATA_CREATE_UNKNOWN_SHARED ${realm} ${granule} 0x${(page * 4096).toString(16)}`
}
