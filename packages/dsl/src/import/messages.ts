import type { Diagnostic, Related, Severity } from '../diagnostic.ts'
import type { Span } from '../syntax/span.ts'

/**
 * Every message of the importer, in the order of its codes: 185x the syntax of reference JSON, 186x what it says,
 * 187x whole files and how they fit together.
 */
function message(severity: Severity, code: string, span: Span, text: string, help?: string): Diagnostic {
  return { code, severity, message: text, span, help, related: [] }
}

const error = (code: string, span: Span, text: string, help?: string): Diagnostic =>
  message('error', code, span, text, help)
const warning = (code: string, span: Span, text: string, help?: string): Diagnostic =>
  message('warning', code, span, text, help)

/** Text of the file in a message: short, and nothing that would move a cursor. */
function excerpt(text: string): string {
  const visible = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
  return visible.length > 48 ? `${visible.slice(0, 47)}…` : visible
}

// 185x: syntax

export const unexpectedText = (f: { found: string; expected: string }, span: Span): Diagnostic =>
  error(
    'MICA1850',
    span,
    `expected ${f.expected}, found ${f.found === '' ? 'the end of the file' : `\`${excerpt(f.found)}\``}`,
  )

export const unknownJsonEscape = (span: Span): Diagnostic =>
  error('MICA1851', span, 'unknown escape in a string', 'only `\\"` and `\\\\` are escapes')

export const textAfterPolicy = (span: Span): Diagnostic =>
  error('MICA1852', span, 'text after the policy', 'the prototype would ignore it; remove it')

export const tooDeep = (f: { limit: number }, span: Span): Diagnostic =>
  error('MICA1853', span, `the text is nested more than ${f.limit} deep`)

export const fileTooLong = (f: { length: number; limit: number }, span: Span): Diagnostic =>
  error('MICA1854', span, `the file has ${f.length} bytes, more than the ${f.limit} that are read`)

export const notText = (span: Span): Diagnostic =>
  error('MICA1855', span, 'the file is neither text nor a policy blob', 'blobs begin with `YLOP`, or are CBOR')

// 186x: what it says

export const unknownKey = (
  f: { key: string; known: readonly string[]; near: string | undefined },
  span: Span,
): Diagnostic =>
  error(
    'MICA1860',
    span,
    `unknown key \`${excerpt(f.key)}\``,
    f.near === undefined ? `keys are ${f.known.map((key) => `\`${key}\``).join(', ')}` : `did you mean \`${f.near}\``,
  )

export const repeatedKey = (f: { key: string; first: Span }, span: Span): Diagnostic => ({
  ...error('MICA1861', span, `\`${excerpt(f.key)}\` stands twice`),
  related: [{ message: 'the first time is here', span: f.first }],
})

export const expectedValue = (f: { key: string; expected: string }, span: Span): Diagnostic =>
  error('MICA1862', span, `\`${excerpt(f.key)}\` is ${f.expected}`)

export const missingKey = (f: { key: string; of: string; why?: string }, span: Span): Diagnostic =>
  error('MICA1863', span, `${f.of} has no \`${f.key}\`${f.why === undefined ? '' : `: ${f.why}`}`)

export const unknownPeer = (f: { name: string; near: string | undefined }, span: Span): Diagnostic =>
  error(
    'MICA1864',
    span,
    `unknown peer \`${excerpt(f.name)}\``,
    f.near === undefined ? undefined : `did you mean \`${f.near}\``,
  )

export const meansNothing = (f: { what: string; help?: string }, span: Span): Diagnostic =>
  error('MICA1865', span, `${f.what} means nothing`, f.help ?? 'the prototype would ignore it; remove it')

export const sameNameCut = (f: { name: string; cut: string; first: Span }, span: Span): Diagnostic => ({
  ...error(
    'MICA1866',
    span,
    `\`${excerpt(f.name)}\` is \`${excerpt(f.cut)}\` to the prototype, which cuts names to 4 bytes`,
  ),
  related: [{ message: `another \`${excerpt(f.cut)}\` is here`, span: f.first }],
})

export const nameCut = (f: { name: string; cut: string }, span: Span): Diagnostic =>
  warning('MICA1867', span, `\`${excerpt(f.name)}\` is called \`${excerpt(f.cut)}\`, as the prototype cuts it`)

export const flowRenamed = (f: { name: string; flow: string }, span: Span): Diagnostic =>
  warning(
    'MICA1868',
    span,
    `\`${excerpt(f.name)}\` becomes \`${f.flow}\` when it is written again`,
    'control flows have no names; they are counted',
  )

export const ignoredCount = (span: Span): Diagnostic =>
  warning('MICA1869', span, 'a count of a named peer means nothing and is left out')

// 187x: files

export const notImportable = (f: { reason: string }, span: Span): Diagnostic =>
  error('MICA1870', span, `the policy is refused: ${f.reason}`)

export const noLanguageName = (f: { name: string; what: string }, span: Span): Diagnostic =>
  error('MICA1871', span, `\`${excerpt(f.name)}\` is no name of the language, and ${f.what} is called so`)

export const viewsDisagree = (f: { reason: string }, span: Span, related: readonly Related[]): Diagnostic => ({
  ...warning(
    'MICA1872',
    span,
    `the policies are no views of one workflow: ${f.reason}`,
    'they are kept as policies of their own',
  ),
  related,
})

export const mergedDiffers = (f: { peer: string; reason: string }, span: Span): Diagnostic =>
  warning('MICA1873', span, `in the workflow, the policy of \`${f.peer}\` ${f.reason}`)

export const assertionsUnknown = (span: Span): Diagnostic =>
  warning(
    'MICA1874',
    span,
    'the blob has a digest of assertions and not the assertions',
    'write them into the workflow again',
  )
