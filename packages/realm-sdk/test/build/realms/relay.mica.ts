// Generated from the policy of workflow relay. Changes are overwritten.
import type { PeerDeclaration } from '@mica/realm-sdk'

export const gate = {
  workflow: 'relay',
  peer: 'gate',
  channels: {
    raw: {
      name: 'raw',
      kind: 'protected',
      rights: 'w',
      granules: 4,
      paced: false,
      ends: ['the-worker'],
      writers: ['gate'],
      readers: ['the-worker'],
    },
    done: {
      name: 'done',
      kind: 'protected',
      rights: 'r',
      granules: 4,
      paced: false,
      ends: ['the-worker'],
      writers: ['the-worker'],
      readers: ['gate'],
    },
    nic: {
      name: 'nic',
      kind: 'unprotected',
      rights: 'rw',
      granules: 4,
      paced: false,
      ends: ['host'],
      writers: ['gate', 'host'],
      readers: ['gate', 'host'],
    },
  },
  calls: ['host_call'],
} as const satisfies PeerDeclaration

export const theWorker = {
  workflow: 'relay',
  peer: 'the-worker',
  channels: {
    raw: {
      name: 'raw',
      kind: 'protected',
      rights: 'r',
      granules: 4,
      paced: false,
      ends: ['gate'],
      writers: ['gate'],
      readers: ['the-worker'],
    },
    done: {
      name: 'done',
      kind: 'protected',
      rights: 'w',
      granules: 4,
      paced: false,
      ends: ['gate'],
      writers: ['the-worker'],
      readers: ['gate'],
    },
  },
  calls: [],
} as const satisfies PeerDeclaration
