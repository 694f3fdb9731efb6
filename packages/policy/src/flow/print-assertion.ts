import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8 } from '../cbor/utf8.ts'
import type { Assertion, Property } from '../model.ts'

/**
 * An assertion in the one form that the formatter gives it, without its reason:
 * `assert raw reaches host only via moderator assuming svc confined`.
 */
export function printAssertion(assertion: Assertion): string {
  const { property, confined } = assertion
  const assuming = confined.length === 0 ? '' : ` assuming ${list(confined)} confined`
  return `assert ${printProperty(property)}${assuming}`
}

/**
 * SHA-256 over assertions as printed, sorted by code units, each line ended by a line feed: the digest that a policy
 * carries, so that a verifier can ask for the assertions it expects.
 */
export function assertionDigest(assertions: readonly Assertion[]): Uint8Array {
  const lines = assertions.map((assertion) => `${printAssertion(assertion)}\n`).sort()
  const bytes = encodeUtf8(lines.join(''))
  // Names come from source text or from well-formed policies; neither holds half a surrogate pair.
  if (bytes === undefined) throw new TypeError('assertion with an unpaired surrogate')
  return sha256(bytes)
}

function printProperty(property: Property): string {
  switch (property.kind) {
    case 'never-reaches':
      return `${property.from} never reaches ${property.to}${except('except via', property.except)}`
    case 'reaches':
      return `${property.from} reaches ${property.to}`
    case 'reaches-only-via':
      return `${property.from} reaches ${property.to} only via ${list(property.via)}`
    case 'acyclic':
      return `acyclic${except('except', property.except)}`
    case 'isolated':
      return `isolated ${property.a} from ${property.b}${except('except via', property.except)}`
    case 'closed':
      return 'closed'
    case 'gateways-are':
      return `gateways are ${list(property.names)}`
    case 'leakers-are':
      return `leakers are ${list(property.names)}`
    case 'quiet':
      return `quiet ${property.peer}`
  }
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}

function except(words: string, names: readonly string[]): string {
  return names.length === 0 ? '' : ` ${words} ${list(names)}`
}
