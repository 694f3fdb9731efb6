import * as dsl from '@mica/dsl'
import * as project from '@mica/dsl/project'
import { expect, test } from 'vitest'

test('the package exports these values', () => {
  expect(Object.keys(dsl).sort()).toEqual([
    'SourceText',
    'check',
    'checkSet',
    'compile',
    'describeChange',
    'describeDiff',
    'describeExposures',
    'describeHop',
    'describePolicy',
    'describeWorkflow',
    'expectedAt',
    'format',
    'hasErrors',
    'importPolicies',
    'importPolicy',
    'isName',
    'isSpan',
    'languageName',
    'parse',
    'parseQuery',
    'pictureOf',
    'positionOf',
    'printDigest',
    'printDot',
    'printIds',
    'printMermaid',
    'printPolicy',
    'printRights',
    'printSize',
    'printWorkflow',
    'renderDiagnostic',
    'reservedWords',
    'resolveImport',
    'words',
  ])
  expect(Object.keys(project)).toEqual(['projectOf'])
})
