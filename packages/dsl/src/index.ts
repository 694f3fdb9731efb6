export { type Checked, type CheckOptions, type Compiled, type CompileOptions, check, compile } from './compile.ts'
export { type Diagnostic, hasErrors, type Related, type Report, type Severity } from './diagnostic.ts'
export { positionOf, type RenderOptions, renderDiagnostic } from './print/diagnostic.ts'
export { describeWorkflow } from './print/workflow.ts'
export type {
  AnyEndpoint,
  AssertItem,
  ChannelItem,
  DigestLiteral,
  Endpoint,
  FileItem,
  Identifier,
  Item,
  LetItem,
  MappingItem,
  MemoryItem,
  NodeName,
  PeerIdentity,
  PeerItem,
  PropertyItem,
  RightWord,
  SourceFile,
  TransitionId,
  TransitionItem,
  TransitionRule,
  UnsupportedItem,
  Value,
  VersionItem,
  WorkflowItem,
} from './syntax/ast.ts'
export type { Comment } from './syntax/comments.ts'
export { type Parsed, parse } from './syntax/parse.ts'
export { SourceText, type Span } from './syntax/span.ts'
