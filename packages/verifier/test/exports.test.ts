import { expect, test } from 'vitest'
import * as verifier from '../src/index.ts'

test('the package exports exactly these values', () => {
  expect(Object.keys(verifier).toSorted()).toEqual([
    'CHALLENGE_LENGTH',
    'GROUP_PROFILE',
    'GROUP_SIZE_LIMIT',
    'NO_ENDORSEMENTS',
    'TOKEN_SIZE_LIMIT',
    'keyReleaseChallenge',
    'nobleSignatures',
    'nodeSignatures',
    'profileOf',
    'readLock',
    'readReferenceValues',
    'readTrustAnchors',
    'releaseKey',
    'renderVerdict',
    'verdictJson',
    'verify',
    'verifyToken',
  ])
})
