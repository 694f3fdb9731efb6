import * as dsl from '@mica/dsl'
import { expect, test } from 'vitest'

test('the package exports these values', () => {
  expect(Object.keys(dsl).sort()).toEqual([
    'SourceText',
    'check',
    'compile',
    'describeWorkflow',
    'hasErrors',
    'parse',
    'positionOf',
    'renderDiagnostic',
  ])
})
