import { GRAPH_REQUEST } from '@mica/language-server/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  CodeActionRequest,
  CompletionRequest,
  DefinitionRequest,
  DocumentFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  HoverRequest,
  LSPErrorCodes,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  ResponseError,
  SemanticTokensRequest,
} from 'vscode-languageserver/node'
import { Project } from './in-process.ts'
import { LIBRARY, PIPELINE, USER } from './texts.ts'

/** Texts that are almost right, and texts that are not. */
const text = fc.oneof(
  fc
    .tuple(fc.constantFrom(PIPELINE, LIBRARY, USER), fc.nat(), fc.nat(40), fc.string({ unit: 'binary', maxLength: 4 }))
    .map(([whole, from, length, put]) => {
      const start = from % whole.length
      return `${whole.slice(0, start)}${put}${whole.slice(start + length)}`
    }),
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('{', '}', '(', ')', 'workflow', 'transition', 'use', 'a', ':', ',', '\r', '///', '"', '🦉'))
    .map((parts) => parts.join(' ')),
)

const position = fc.record({ line: fc.nat(20), character: fc.nat(60) })

test('no text and no position keep a request from being answered', async () => {
  const project = await Project.with({ 'lib/sandbox.mica': LIBRARY })
  const { client } = project
  const { connection } = client
  const uri = project.uri('a.mica')
  await client.open(uri, '')
  await fc.assert(
    fc.asyncProperty(text, fc.array(position, { minLength: 1, maxLength: 3 }), async (written, positions) => {
      const { getText, positionAt } = client.document(uri)
      const end = positionAt.call(client.document(uri), getText.call(client.document(uri)).length)
      client.edit(uri, { start: { line: 0, character: 0 }, end }, written)
      const textDocument = { uri }
      const options = { tabSize: 2, insertSpaces: true }
      const asked: Promise<unknown>[] = [
        connection.sendRequest(DocumentSymbolRequest.type, { textDocument }),
        connection.sendRequest(FoldingRangeRequest.type, { textDocument }),
        connection.sendRequest(SemanticTokensRequest.type, { textDocument }),
        connection.sendRequest(DocumentFormattingRequest.type, { textDocument, options }),
      ]
      for (const at of positions) {
        const where = { textDocument, position: at }
        const range = { start: at, end: at }
        asked.push(
          connection.sendRequest(HoverRequest.type, where),
          connection.sendRequest(CompletionRequest.type, where),
          connection.sendRequest(DefinitionRequest.type, where),
          connection.sendRequest(ReferencesRequest.type, { ...where, context: { includeDeclaration: true } }),
          connection.sendRequest(CodeActionRequest.type, { textDocument, range, context: { diagnostics: [] } }),
          connection.sendRequest(GRAPH_REQUEST, where),
        )
        for (const request of [
          connection.sendRequest(PrepareRenameRequest.type, where),
          connection.sendRequest(RenameRequest.type, { ...where, newName: 'other' }),
        ]) {
          asked.push(
            request.catch((error: unknown) => {
              if (!(error instanceof ResponseError) || error.code !== LSPErrorCodes.RequestFailed) throw error
            }),
          )
        }
      }
      expect((await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected')).toEqual([])
    }),
    { numRuns: 30 },
  )
})

test('a document that is not open has no answers', async () => {
  const { client } = await Project.with({})
  const where = { textDocument: { uri: 'file:///nowhere.mica' }, position: { line: 0, character: 0 } }
  expect(await client.connection.sendRequest(HoverRequest.type, where)).toBe(null)
  expect(await client.connection.sendRequest(CompletionRequest.type, where)).toBe(null)
})
