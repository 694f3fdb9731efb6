export { type CheckedSet, checkSet, type SetFile, type SetOptions } from './check-set.ts'
export {
  type Checked,
  type CheckOptions,
  type Compiled,
  type CompileOptions,
  check,
  compile,
  type Target,
} from './compile.ts'
export { type Diagnostic, type Fix, hasErrors, type Related, type Report, type Severity } from './diagnostic.ts'
export type { PolicyView } from './elaborate/view.ts'
export { resolveImport } from './files/paths.ts'
export { type Formatted, format } from './format/format.ts'
export { type Imported, type ImportFile, importPolicies } from './import/import.ts'
export { type ImportedPolicy, importPolicy, type PolicyForm } from './import/import-policy.ts'
export { languageName } from './import/names.ts'
export { positionOf, type RenderOptions, renderDiagnostic } from './print/diagnostic.ts'
export { type DiffLine, describeChange, describeDiff } from './print/diff.ts'
export { printDot } from './print/dot.ts'
export { describeExposures, type Exposure } from './print/exposure.ts'
export { describeHop } from './print/hop.ts'
export { printIds } from './print/ids.ts'
export { printDigest } from './print/literal.ts'
export { printMermaid } from './print/mermaid.ts'
export { type Picture, pictureOf } from './print/picture.ts'
export { describePolicy } from './print/policy.ts'
export { printRights } from './print/rights.ts'
export { printSize } from './print/size.ts'
export { isName, printPolicy, printWorkflow } from './print/source.ts'
export { describeWorkflow } from './print/workflow.ts'
export { type ParsedQuery, parseQuery } from './query.ts'
export type { NamedSymbol, SymbolKind } from './symbols.ts'
export type {
  AnyEndpoint,
  Argument,
  AssertedItem,
  AssertItem,
  ChannelItem,
  DigestLiteral,
  Endpoint,
  FileItem,
  Identifier,
  ImportItem,
  Item,
  LetItem,
  MappingItem,
  MemoryItem,
  Modifier,
  NodeName,
  PatternItem,
  PeerIdentity,
  PeerItem,
  PolicyItem,
  PropertyItem,
  RightWord,
  SourceFile,
  TransitionId,
  TransitionItem,
  TransitionRule,
  UseItem,
  Value,
  VersionItem,
  WorkflowItem,
} from './syntax/ast.ts'
export type { Comment } from './syntax/comments.ts'
export { type Expectation, type Expected, expectedAt, type NameRole } from './syntax/expected.ts'
export { type Parsed, parse, type Token } from './syntax/parse.ts'
export { isSpan, SourceText, type Span } from './syntax/span.ts'
export { reservedWords, words } from './syntax/tokens.ts'
