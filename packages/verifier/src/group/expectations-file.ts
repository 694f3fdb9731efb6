import type { Assertion, Property } from '@mica/policy'
import { fromHex, toHex } from '../bytes.ts'
import { type FileReading, isRecord, parseJson } from '../json.ts'
import type { GroupExpectations } from './expectations.ts'

/** What is expected of the groups of one workflow, as a file that a verifier elsewhere can be given. */
export interface ExpectationsFile {
  readonly workflow: string
  readonly expectations: GroupExpectations
}

type Json = Readonly<Record<string, unknown>>

const ALGORITHM: Readonly<Record<number, string>> = { 32: 'sha256', 64: 'sha512' }

/**
 * The text of such a file: `{ "workflow", "peers": { name: ["sha256:…"] }, "assertions": [{ "kind", … }], "present"?,
 * "active"?, "closed"? }`. Assertions have the members of `Property`, and `confined` where there is some.
 */
export function printExpectations({ workflow, expectations }: ExpectationsFile): string {
  const { peers, assertions, present, active, closed } = expectations
  const digest = (rim: Uint8Array): string => `${ALGORITHM[rim.length]}:${toHex(rim)}`
  const json = {
    workflow,
    peers: Object.fromEntries([...peers].map(([name, rims]) => [name, rims.map(digest)])),
    assertions: assertions.map(({ property, confined }) => ({
      ...property,
      ...(confined.length === 0 ? {} : { confined }),
    })),
    present,
    active,
    closed,
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

/** Reads the text of an expectations file. A member that it does not know refuses it: it might ask for more. */
export function readExpectations(text: string): FileReading<ExpectationsFile> {
  const json = parseJson(text)
  if (!isRecord(json)) return refused('expectations are a JSON object')
  const unknown = Object.keys(json).find((name) => !MEMBERS.includes(name))
  if (unknown !== undefined) return refused(`there is no member \`${unknown}\``)
  const { workflow, closed } = { workflow: json['workflow'], closed: json['closed'] }
  if (typeof workflow !== 'string') return refused('`workflow` is not a text')
  const peers = readPeers(json['peers'])
  if (peers === undefined) return refused('`peers` does not give each name a list of sha256: or sha512: digests')
  const assertions = readAssertions(json['assertions'])
  if (assertions === undefined) return refused('`assertions` is not a list of assertions')
  const present = json['present'] === 'all' ? 'all' : optionalNames(json['present'])
  if (present === 'wrong') return refused('`present` is neither "all" nor a list of names')
  const active = optionalNames(json['active'])
  if (active === 'wrong') return refused('`active` is not a list of names')
  if (closed !== undefined && typeof closed !== 'boolean') return refused('`closed` is neither true nor false')
  return { kind: 'read', value: { workflow, expectations: { peers, assertions, present, active, closed } } }
}

const MEMBERS = ['workflow', 'peers', 'assertions', 'present', 'active', 'closed']

const refused = (reason: string): { readonly kind: 'refused'; readonly reason: string } => ({ kind: 'refused', reason })

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string')

const optionalNames = (value: unknown): readonly string[] | undefined | 'wrong' =>
  value === undefined || isNames(value) ? value : 'wrong'

function readPeers(value: unknown): ReadonlyMap<string, readonly Uint8Array[]> | undefined {
  if (!isRecord(value)) return undefined
  const peers = new Map<string, readonly Uint8Array[]>()
  for (const [name, digests] of Object.entries(value)) {
    if (!isNames(digests)) return undefined
    const rims = digests.map(readDigest).filter((rim) => rim !== undefined)
    if (rims.length !== digests.length) return undefined
    peers.set(name, rims)
  }
  return peers
}

/** The bytes of `sha256:…` or `sha512:…`; `undefined` for anything else. */
export function readDigest(text: string): Uint8Array | undefined {
  const [algorithm, digest = '', rest] = text.split(':')
  const bytes = rest === undefined ? fromHex(digest) : undefined
  return bytes !== undefined && ALGORITHM[bytes.length] === algorithm ? bytes : undefined
}

function readAssertions(value: unknown): readonly Assertion[] | undefined {
  if (!Array.isArray(value)) return undefined
  const assertions = value.map((entry) => (isRecord(entry) ? readAssertion(entry) : undefined))
  const read = assertions.filter((assertion) => assertion !== undefined)
  return read.length === assertions.length ? read : undefined
}

function readAssertion(entry: Json): Assertion | undefined {
  const members = new AssertionMembers(entry)
  const property = readProperty(entry['kind'], members)
  const confined = entry['confined'] === undefined ? [] : members.names('confined')
  return property === undefined || members.isWrong(['kind', 'confined']) ? undefined : { property, confined }
}

/** The members of an assertion, which have to be there, and no others. */
class AssertionMembers {
  readonly #entry: Json
  readonly #read = new Set<string>()
  #wrong = false

  constructor(entry: Json) {
    this.#entry = entry
  }

  name(member: string): string {
    this.#read.add(member)
    const value = this.#entry[member]
    if (typeof value === 'string') return value
    this.#wrong = true
    return ''
  }

  names(member: string): readonly string[] {
    this.#read.add(member)
    const value = this.#entry[member]
    if (isNames(value)) return value
    this.#wrong = true
    return []
  }

  /** Whether one was missing or of another kind, or there is one that is neither `known` nor was read. */
  isWrong(known: readonly string[]): boolean {
    return this.#wrong || Object.keys(this.#entry).some((name) => !known.includes(name) && !this.#read.has(name))
  }
}

function readProperty(kind: unknown, members: AssertionMembers): Property | undefined {
  switch (kind) {
    case 'never-reaches':
      return { kind, from: members.name('from'), to: members.name('to'), except: members.names('except') }
    case 'reaches':
      return { kind, from: members.name('from'), to: members.name('to') }
    case 'reaches-only-via':
      return { kind, from: members.name('from'), to: members.name('to'), via: members.names('via') }
    case 'acyclic':
      return { kind, except: members.names('except') }
    case 'isolated':
      return { kind, a: members.name('a'), b: members.name('b'), except: members.names('except') }
    case 'closed':
      return { kind }
    case 'gateways-are':
    case 'leakers-are':
      return { kind, names: members.names('names') }
    case 'quiet':
      return { kind, peer: members.name('peer') }
    default:
      return undefined
  }
}
