// Generated from the policy of workflow video_moderation_weakened. Changes are overwritten.
import type { PeerDeclaration } from '@mica/realm-sdk'

export const gate = {
  workflow: 'video_moderation_weakened',
  peer: 'gate',
  channels: {
    raw: {
      name: 'raw',
      kind: 'protected',
      rights: 'w',
      granules: 64,
      paced: false,
      ends: ['encoder'],
      writers: ['gate'],
      readers: ['encoder'],
    },
    clean: {
      name: 'clean',
      kind: 'protected',
      rights: 'r',
      granules: 64,
      paced: false,
      ends: ['moderator'],
      writers: ['moderator'],
      readers: ['gate'],
    },
    nic: {
      name: 'nic',
      kind: 'unprotected',
      rights: 'rw',
      granules: 16,
      paced: false,
      ends: ['host'],
      writers: ['gate', 'host'],
      readers: ['gate', 'host'],
    },
  },
  calls: [],
} as const satisfies PeerDeclaration

export const encoder = {
  workflow: 'video_moderation_weakened',
  peer: 'encoder',
  channels: {
    raw: {
      name: 'raw',
      kind: 'protected',
      rights: 'r',
      granules: 64,
      paced: false,
      ends: ['gate'],
      writers: ['gate'],
      readers: ['encoder'],
    },
    coded: {
      name: 'coded',
      kind: 'protected',
      rights: 'w',
      granules: 64,
      paced: false,
      ends: ['moderator'],
      writers: ['encoder'],
      readers: ['moderator'],
    },
    leak: {
      name: 'leak',
      kind: 'unprotected',
      rights: 'rw',
      granules: 16,
      paced: false,
      ends: ['host'],
      writers: ['encoder', 'host'],
      readers: ['encoder', 'host'],
    },
  },
  calls: [],
} as const satisfies PeerDeclaration

export const moderator = {
  workflow: 'video_moderation_weakened',
  peer: 'moderator',
  channels: {
    coded: {
      name: 'coded',
      kind: 'protected',
      rights: 'r',
      granules: 64,
      paced: false,
      ends: ['encoder'],
      writers: ['encoder'],
      readers: ['moderator'],
    },
    clean: {
      name: 'clean',
      kind: 'protected',
      rights: 'w',
      granules: 64,
      paced: false,
      ends: ['gate'],
      writers: ['moderator'],
      readers: ['gate'],
    },
  },
  calls: [],
} as const satisfies PeerDeclaration
