// Generated from the policy of workflow throughput. Changes are overwritten.
import type { PeerDeclaration } from '@mica/realm-sdk'

export const sink = {
  workflow: 'throughput',
  peer: 'sink',
  channels: {
    data: {
      name: 'data',
      kind: 'protected',
      rights: 'r',
      granules: 256,
      paced: false,
      ends: ['source'],
      writers: ['source'],
      readers: ['sink'],
    },
    nic: {
      name: 'nic',
      kind: 'unprotected',
      rights: 'rw',
      granules: 2,
      paced: false,
      ends: ['host'],
      writers: ['sink', 'host'],
      readers: ['sink', 'host'],
    },
  },
  calls: [],
} as const satisfies PeerDeclaration

export const source = {
  workflow: 'throughput',
  peer: 'source',
  channels: {
    data: {
      name: 'data',
      kind: 'protected',
      rights: 'w',
      granules: 256,
      paced: false,
      ends: ['sink'],
      writers: ['source'],
      readers: ['sink'],
    },
  },
  calls: [],
} as const satisfies PeerDeclaration
