import {
  checkWellFormed,
  decodeBlob,
  decodePolyV1,
  describeFact,
  encodePolyV1,
  type Fact,
  isPoly,
  limitsFor,
  type Policy,
} from '@mica/policy'
import { type Diagnostic, hasErrors, type Report } from '../diagnostic.ts'
import { SourceText } from '../syntax/span.ts'
import { readJson } from './json-reader.ts'
import * as messages from './messages.ts'
import { unwritableName } from './names.ts'
import { readReference } from './reference.ts'
import { isFlat } from './reference-parts.ts'

/** Longest reference JSON that is read, as the prototype has it. */
const JSON_LIMIT = 1_048_576

/** Which form a policy had. */
export type PolicyForm = 'blob' | 'poly-v1' | 'json'

/** A policy read from a file of any form; absent if it has an error. */
export interface ImportedPolicy {
  readonly file: string
  readonly policy?: Policy | undefined
  readonly form?: PolicyForm | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads a policy blob of either version, or reference JSON in either syntax. Nothing about the bytes is thrown.
 *
 * @param options `names`: whether every name has to be one of the language, as it has to for a policy file.
 */
export function importPolicy(file: string, bytes: Uint8Array, options: { readonly names: boolean }): ImportedPolicy {
  const diagnostics: Diagnostic[] = []
  const report: Report = (diagnostic) => void diagnostics.push(diagnostic)
  const form = formOf(bytes)
  const policy = form === 'json' ? readText(file, bytes, report) : readBlob(file, bytes, form, report)
  const name = policy && options.names ? unwritableName(policy) : undefined
  if (name !== undefined) report(messages.noLanguageName(name, startOf(file)))
  return hasErrors(diagnostics) ? { file, diagnostics } : { file, policy, form, diagnostics }
}

/** The form that bytes begin as: blobs are never text, since CBOR maps and the magic are not `{`. */
function formOf(bytes: Uint8Array): PolicyForm {
  if (isPoly(bytes)) return 'poly-v1'
  const isMap = bytes[0] !== undefined && bytes[0] >> 5 === 5
  return isMap ? 'blob' : 'json'
}

const startOf = (file: string) => new SourceText(file, '').span(0, 0)

function readBlob(file: string, bytes: Uint8Array, form: PolicyForm, report: Report): Policy | undefined {
  const decoded = form === 'poly-v1' ? decodePolyV1(bytes) : decodeBlob(bytes)
  if (decoded.kind === 'policy') return decoded.policy
  report(messages.notImportable({ reason: describeFact(decoded.fact) }, startOf(file)))
  return undefined
}

function readText(file: string, bytes: Uint8Array, report: Report): Policy | undefined {
  if (bytes.length > JSON_LIMIT) {
    report(messages.fileTooLong({ length: bytes.length, limit: JSON_LIMIT }, startOf(file)))
    return undefined
  }
  const text = decodeText(bytes)
  if (text === undefined) {
    report(messages.notText(startOf(file)))
    return undefined
  }
  let sound = true
  const noting: Report = (diagnostic) => {
    if (diagnostic.severity === 'error') sound = false
    report(diagnostic)
  }
  const root = readJson(new SourceText(file, text), noting)
  const policy = root && readReference(root, noting)
  if (root === undefined || policy === undefined || !sound) return undefined
  for (const fact of factsOf(policy, isFlat(root))) {
    noting(messages.notImportable({ reason: describeFact(fact) }, { ...root.span, length: 1 }))
  }
  return policy
}

/** What makes a policy meaningless, or in the prototype's own syntax, impossible to hand to the prototype. */
function factsOf(policy: Policy, flat: boolean): readonly Fact[] {
  const fact = checkWellFormed(policy, limitsFor(policy))
  if (fact !== undefined) return [fact]
  const encoded = flat ? encodePolyV1(policy) : undefined
  return encoded?.kind === 'refused' ? encoded.facts : []
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
