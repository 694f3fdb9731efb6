import { expect, test } from 'vitest'
import { FoldingRangeRequest } from 'vscode-languageserver/node'
import { Project } from '../in-process.ts'

test('bodies, comments of several lines and imports fold', async () => {
  const project = await Project.with({})
  const uri = project.uri('a.mica')
  await project.client.open(
    uri,
    'import "a"\nimport "b"\n// one\n// two\nworkflow w {\n  peer a\n  peer b\n}\n/* x\n */ // y\n',
  )
  const ranges = await project.client.connection.sendRequest(FoldingRangeRequest.type, { textDocument: { uri } })
  expect(ranges).toEqual([
    { startLine: 4, endLine: 6 },
    { startLine: 2, endLine: 3, kind: 'comment' },
    { startLine: 8, endLine: 9, kind: 'comment' },
    { startLine: 0, endLine: 1, kind: 'imports' },
  ])
})
