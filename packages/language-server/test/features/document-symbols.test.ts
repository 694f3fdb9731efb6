import { expect, test } from 'vitest'
import { DocumentSymbol, DocumentSymbolRequest } from 'vscode-languageserver/node'
import { Project } from '../in-process.ts'
import { LIBRARY, USER } from '../texts.ts'

test('the outline has what a file declares, with the items of workflows and patterns below them', async () => {
  const project = await Project.with({})
  const uri = project.uri('a.mica')
  await project.client.open(uri, `${LIBRARY}${USER.slice(USER.indexOf('workflow'))}`)
  const answer = await project.client.connection.sendRequest(DocumentSymbolRequest.type, { textDocument: { uri } })
  const symbols = (answer ?? []).filter((symbol): symbol is DocumentSymbol => DocumentSymbol.is(symbol))
  const outline = ({ name, detail, children = [] }: DocumentSymbol): unknown => [
    `${detail} ${name}`,
    ...children.map(outline),
  ]
  expect(symbols.map(outline)).toEqual([
    ['let FRAME'],
    ['pattern sandbox', ['channel in'], ['channel out']],
    ['workflow twice', ['peer gate'], ['channel nic'], ['peer one'], ['peer two'], ['use s1'], ['use s2']],
  ])
  expect(symbols[0]?.selectionRange).toEqual(project.client.range(uri, 'FRAME'))
})
