import { fromHex } from '../bytes.ts'
import { type FileReading, isRecord, parseJson } from '../json.ts'
import type { Endorsements } from './reference-values.ts'

/** The images of a workflow, as its build measured them: `mica.lock.json`. */
export interface Lock {
  readonly workflow: string
  /** Accepted initial measurements by the name of the peer. */
  readonly peers: ReadonlyMap<string, readonly Uint8Array[]>
}

/** What a lock file endorses: the images it names, and nothing of what they were measured with later. */
export const lockEndorsements = (lock: Lock): Endorsements => ({
  platforms: [],
  realms: [...lock.peers.values()].flatMap((rims) => rims.map((rim) => ({ rim }))),
})

const RIM_LENGTH: Readonly<Record<string, number>> = { sha256: 32, sha512: 64 }

/** Reads `{ "workflow": text, "peers": { name: { "rim": "sha256:…" | "sha512:…" } } }`. Other members are passed over. */
export function readLock(text: string): FileReading<Lock> {
  const json = parseJson(text)
  if (!isRecord(json)) return { kind: 'refused', reason: 'a lock file is a JSON object' }
  const { workflow, peers } = { workflow: json['workflow'], peers: json['peers'] }
  if (typeof workflow !== 'string') return { kind: 'refused', reason: '`workflow` is not a text' }
  if (!isRecord(peers)) return { kind: 'refused', reason: '`peers` is not an object' }
  const rims = new Map<string, readonly Uint8Array[]>()
  for (const [name, peer] of Object.entries(peers)) {
    const rim = isRecord(peer) ? readRim(peer['rim']) : undefined
    if (rim === undefined) return { kind: 'refused', reason: `\`peers.${name}.rim\` is no sha256: or sha512: digest` }
    rims.set(name, [rim])
  }
  return { kind: 'read', value: { workflow, peers: rims } }
}

function readRim(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string') return undefined
  const [algorithm = '', digest = '', rest] = value.split(':')
  const rim = fromHex(digest)
  return rest === undefined && rim !== undefined && rim.length === RIM_LENGTH[algorithm] ? rim : undefined
}
