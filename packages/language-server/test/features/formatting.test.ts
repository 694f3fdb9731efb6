import { format } from '@mica/dsl'
import { expect, test } from 'vitest'
import { DocumentFormattingRequest } from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { Project } from '../in-process.ts'
import { PIPELINE } from '../texts.ts'

async function edits(text: string) {
  const project = await Project.with({})
  const uri = project.uri('a.mica')
  await project.client.open(uri, text)
  const options = { tabSize: 8, insertSpaces: false }
  return (
    (await project.client.connection.sendRequest(DocumentFormattingRequest.type, { textDocument: { uri }, options })) ??
    []
  )
}

test('a document gets the layout that `mica fmt` gives it, by as small a change as one is', async () => {
  const text = PIPELINE.replace('256 KiB', '  256 KiB /* 🦉 */')
  const changes = await edits(text)
  const after = TextDocument.applyEdits(TextDocument.create('a', 'mica', 1, text), changes)
  expect(after).toBe(format(text, { file: 'a' }).text)
  expect(changes).toHaveLength(1)
  expect(changes[0]?.range.start.line).toBeGreaterThan(0)
})

test('a document that has its layout, or cannot be read, stays as it is', async () => {
  expect(await edits(format(PIPELINE, { file: 'a' }).text)).toEqual([])
  expect(await edits('workflow   {')).toEqual([])
})
