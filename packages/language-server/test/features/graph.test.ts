import { check, printMermaid } from '@mica/dsl'
import { GRAPH_REQUEST } from '@mica/language-server/protocol'
import { expect, test } from 'vitest'
import { Project } from '../in-process.ts'
import { PIPELINE } from '../texts.ts'

test('the picture of a workflow is that of `mica graph`; a file with errors has none', async () => {
  const project = await Project.with({})
  const { client } = project
  const uri = project.uri('a.mica')
  await client.open(uri, PIPELINE)
  const asked = { textDocument: { uri }, position: client.at(uri, 'raw') }
  const { workflow } = check(PIPELINE, { file: 'a.mica' })
  expect(await client.connection.sendRequest(GRAPH_REQUEST, asked)).toMatchObject({ mermaid: printMermaid(workflow!) })
  await client.change(uri, client.range(uri, 'encoder'), 'other')
  expect(await client.connection.sendRequest(GRAPH_REQUEST, asked)).toBe(null)
})
