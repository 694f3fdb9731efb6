import { equalBytes } from '../bytes.ts'
import { type EcJwk, keyFromJwk } from '../cose/key.ts'
import { type FileReading, hexMember, isEcJwk, isRecord, parseJson } from '../json.ts'

/** A platform attestation key that somebody vouches for, and the one platform it belongs to. */
export interface TrustAnchor {
  /** What reports call it: `simulated`, or a name of the owner's choosing. */
  readonly name: string
  readonly implementationId: Uint8Array
  readonly instanceId: Uint8Array
  /** CCA platform attestation key (CPAK). */
  readonly key: EcJwk
  readonly revoked?: boolean | undefined
}

/**
 * Finds the anchor of a platform by implementation id **and** instance id: the same instance id under another
 * implementation is another platform. A revoked entry wins over any other for the same platform.
 */
export function findTrustAnchor(
  anchors: readonly TrustAnchor[],
  implementationId: Uint8Array,
  instanceId: Uint8Array,
): TrustAnchor | undefined {
  const matching = anchors.filter(
    (anchor) => equalBytes(anchor.implementationId, implementationId) && equalBytes(anchor.instanceId, instanceId),
  )
  return matching.find((anchor) => anchor.revoked === true) ?? matching[0]
}

/**
 * Reads a JSON trust-anchor file: `[{ "implementation-id": hex, "instance-id": hex, "pkey": JWK, "name"?, "revoked"? }]`,
 * the shape that other CCA tools use, with two members of our own.
 */
export function readTrustAnchors(text: string): FileReading<readonly TrustAnchor[]> {
  const json = parseJson(text)
  if (!Array.isArray(json)) return { kind: 'refused', reason: 'a trust-anchor file is a JSON array' }
  const anchors: TrustAnchor[] = []
  for (const [index, entry] of json.entries()) {
    const anchor = trustAnchor(entry, `anchor ${index}`)
    if (anchor === undefined)
      return { kind: 'refused', reason: `trust anchor ${index} lacks a valid implementation-id, instance-id or pkey` }
    anchors.push(anchor)
  }
  return { kind: 'read', value: anchors }
}

function trustAnchor(entry: unknown, defaultName: string): TrustAnchor | undefined {
  if (!isRecord(entry)) return undefined
  const implementationId = hexMember(entry, 'implementation-id')
  const instanceId = hexMember(entry, 'instance-id')
  const [pkey, name, revoked] = [entry['pkey'], entry['name'], entry['revoked']]
  if (implementationId?.length !== 32 || instanceId?.length !== 33 || !isEcJwk(pkey)) return undefined
  if (keyFromJwk(pkey) === undefined) return undefined
  return {
    name: typeof name === 'string' ? name : defaultName,
    implementationId,
    instanceId,
    key: { kty: pkey.kty, crv: pkey.crv, x: pkey.x, y: pkey.y },
    // Anything but an absent or false mark revokes: a typing error must not keep a key in use.
    revoked: revoked !== undefined && revoked !== false,
  }
}
