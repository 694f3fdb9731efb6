import type { Sketch } from '../../lab/policy-sketch.ts'
import type { HostVerb, Scenario } from '../scenario.ts'
import { ENDS } from './pair.ts'

const PAGE = 0x200
const SHARING: readonly HostVerb[] = [
  'RMI_GRANULE_DELEGATE',
  'RMI_GRANULE_UNDELEGATE',
  'RMI_DATA_CREATE_UNKNOWN_SHARED',
  'RMI_DATA_DESTROY_SHARED',
]

/** A wall that one stranger at a time may read and write, and two who want to. */
export const WALL: Scenario = {
  name: 'wall',
  about: 'a hub with a wall for any one other, and two others who both name the hub',
  realms: [
    { name: 'hub', image: 1 },
    { name: 'one', image: 2 },
    { name: 'two', image: 3 },
  ],
  policies: [
    {
      name: 'hub',
      by: ['hub'],
      sketch: (rim): Sketch => ({
        self: 'hub',
        peers: { hub: { rim: rim('hub') } },
        memories: { wall: { at: PAGE, rights: { hub: 'rw', any: 'rw' }, anyCount: 1 } },
      }),
    },
    ...['one', 'two'].map((self) => ({
      name: self,
      by: [self],
      sketch: (rim: (realm: string) => Uint8Array): Sketch => ({
        self,
        peers: { hub: { rim: rim('hub') }, [self]: { rim: rim(self) } },
        memories: { door: { at: PAGE, rights: { hub: 'rw', [self]: 'rw' } } },
      }),
    })),
  ],
  together: ['hub.wall + one.door', 'hub.wall + two.door'],
  pool: 1,
  pages: [PAGE],
  host: SHARING,
  guests: ['UPLOAD', 'LEAVE', 'REJOIN', 'WRITE'],
}

/** One place and two Realms of the image that it is for; the hub owns the memory and may end it. */
export const REPLICAS: Scenario = {
  name: 'replicas',
  about: 'a hub that owns a board, and two Realms of one image who compete for the only other place',
  realms: [
    { name: 'hub', image: 1 },
    { name: 'first', image: 2 },
    { name: 'second', image: 2 },
  ],
  policies: (['hub', 'leaf'] as const).map((self) => ({
    name: self,
    by: self === 'hub' ? ['hub'] : ['first', 'second'],
    sketch: (rim): Sketch => ({
      self,
      peers: { hub: { rim: rim('hub') }, leaf: { rim: rim('first') } },
      memories: { board: { at: PAGE, rights: { hub: 'rwo', leaf: 'rw' } } },
    }),
  })),
  together: ['hub.board + leaf.board'],
  pool: 1,
  pages: [PAGE],
  host: SHARING,
  guests: ['UPLOAD', 'LEAVE', 'REJOIN', 'REVOKE', 'NOTIFY', 'WRITE'],
}

/** A Realm that nobody names, whose policy names only who is not there; and one that wants more than it is given. */
export const STRANGER: Scenario = {
  name: 'stranger',
  about: 'two ends of a channel, one with a second policy that claims more, and a stranger who names absent peers',
  realms: [
    { name: 'left', image: 1 },
    { name: 'right', image: 2 },
    { name: 'stranger', image: 3 },
  ],
  policies: [
    ...ENDS,
    {
      name: 'greedy',
      by: ['right'],
      sketch: (rim) => ({
        self: 'right',
        peers: { left: { rim: rim('left') }, right: { rim: rim('right') } },
        memories: { line: { at: PAGE, paced: true, rights: { left: 'w', right: 'rw' } } },
      }),
    },
    {
      name: 'stranger',
      by: ['stranger'],
      sketch: (rim) => ({
        self: 'stranger',
        peers: { stranger: { rim: rim('stranger') }, absent: { rim: new Uint8Array(32).fill(9) } },
        memories: { line: { at: PAGE, paced: true, rights: { stranger: 'r', absent: 'w' } } },
      }),
    },
  ],
  together: ['left.line + right.line'],
  pool: 1,
  pages: [PAGE],
  host: SHARING,
  guests: ['UPLOAD', 'LEAVE', 'REJOIN', 'WRITE'],
}

/** A channel of two pages without an address: who has which granule where decides. */
export const TWO_PAGES: Scenario = {
  name: 'two-pages',
  about: 'a channel of two pages wherever the host puts it, and three granules that it puts there',
  realms: [
    { name: 'left', image: 1 },
    { name: 'right', image: 2 },
  ],
  policies: (['left', 'right'] as const).map((self) => ({
    name: self,
    by: [self],
    sketch: (rim) => ({
      self,
      peers: { left: { rim: rim('left') }, right: { rim: rim('right') } },
      memories: { line: { granules: 2, rights: { left: 'w', right: 'r' } } },
    }),
  })),
  together: ['left.line + right.line'],
  pool: 3,
  pages: [PAGE, PAGE + 1],
  before: ['RMI_GRANULE_DELEGATE a', 'RMI_GRANULE_DELEGATE b', 'RMI_GRANULE_DELEGATE c'],
  host: ['RMI_DATA_CREATE_UNKNOWN_SHARED', 'RMI_DATA_DESTROY_SHARED'],
  guests: ['UPLOAD', 'LEAVE', 'REJOIN'],
}
