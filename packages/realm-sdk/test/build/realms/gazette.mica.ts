// Generated from the policy of workflow gazette. Changes are overwritten.
import type { PeerDeclaration } from '@mica/realm-sdk'

export const teller = {
  workflow: 'gazette',
  peer: 'teller',
  channels: {
    news: {
      name: 'news',
      kind: 'protected',
      rights: 'w',
      granules: 4,
      paced: true,
      ends: ['listener'],
      writers: ['teller'],
      readers: ['listener'],
    },
    replies: {
      name: 'replies',
      kind: 'protected',
      rights: 'r',
      granules: 4,
      paced: false,
      ends: ['listener'],
      writers: ['listener'],
      readers: ['teller'],
    },
  },
  calls: [],
} as const satisfies PeerDeclaration

export const listener = {
  workflow: 'gazette',
  peer: 'listener',
  channels: {
    news: {
      name: 'news',
      kind: 'protected',
      rights: 'r',
      granules: 4,
      paced: true,
      ends: ['teller'],
      writers: ['teller'],
      readers: ['listener'],
    },
    replies: {
      name: 'replies',
      kind: 'protected',
      rights: 'w',
      granules: 4,
      paced: false,
      ends: ['teller'],
      writers: ['listener'],
      readers: ['teller'],
    },
  },
  calls: [],
} as const satisfies PeerDeclaration
