import * as main from '@mica/realm-sdk'
import * as build from '@mica/realm-sdk/build'
import * as runtime from '@mica/realm-sdk/runtime'
import * as session from '@mica/realm-sdk/session'
import { expect, test } from 'vitest'

test('each entry exports exactly these values', () => {
  expect(Object.keys(main).sort()).toEqual([
    'ChannelEnd',
    'DEFAULT_MESSAGE_LIMIT',
    'TimeoutError',
    'bufferMemory',
    'cbor',
    'cborOf',
    'defineRealm',
  ])
  expect(Object.keys(runtime).sort()).toEqual([
    'IMAGE_BASE',
    'IPA_WIDTH',
    'POLICY_BLOB_OFFSET',
    'POLICY_REGION_SIZE',
    'REALM_BASE',
    'RsiError',
    'RunLoop',
    'SCRATCH_BASE',
    'SCRATCH_SIZE',
    'SYNCHRONOUS_EXTERNAL_ABORT',
    'UNPROTECTED_BASE',
    'attestationToken',
    'boot',
    'channelBase',
    'channelInfo',
    'difference',
    'encodePolicyRegion',
    'extendMeasurement',
    'giveCredit',
    'groupEvidence',
    'hostCall',
    'instructions',
    'leave',
    'notify',
    'policyStatus',
    'readPolicyRegion',
    'rejoin',
    'revoke',
    'uploadPolicy',
  ])
  expect(Object.keys(build).sort()).toEqual([
    'BundleError',
    'IMAGE_BASE',
    'IMAGE_MAGIC',
    'MAX_IMAGE_SIZE',
    'POLICY_BLOB_OFFSET',
    'POLICY_REGION_SIZE',
    'REALM_BASE',
    'SCRATCH_BASE',
    'SCRATCH_SIZE',
    'UNPROTECTED_BASE',
    'buildRealm',
    'bundleRealm',
    'constantName',
    'constructionOf',
    'declarationsOf',
    'encodePolicyRegion',
    'generateTypes',
    'packImage',
    'refusedByCompartment',
    'rimOf',
  ])
  expect(Object.keys(session).sort()).toEqual([
    'RECORD_SIZE',
    'SessionClient',
    'keyReleaseChallenge',
    'readAll',
    'serveSession',
  ])
})
