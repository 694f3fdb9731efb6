import * as server from '@mica/language-server'
import * as protocol from '@mica/language-server/protocol'
import { expect, test } from 'vitest'

test('the package exports these values', () => {
  expect(Object.keys(server)).toEqual(['serve'])
  expect(Object.keys(protocol)).toEqual(['GRAPH_REQUEST'])
})
