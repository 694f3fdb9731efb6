import type { Submodule } from './appraisal/submodule.ts'
import { isZero, toHex } from './bytes.ts'
import { short, shown } from './findings.ts'
import { table } from './table.ts'
import type { TokenClaims } from './verdict.ts'

/** The token of one Realm for a person: what it is, how far each part is to be trusted, and the firmware below it. */
export function renderToken({ platform, realm }: TokenClaims, parts: readonly Submodule[]): readonly string[] {
  const { rim, rpv, policyDigest } = realm
  const components = platform.softwareComponents.map(({ type, version, measurement, signerId }) => [
    shown(type ?? ''),
    shown(version ?? ''),
    short(measurement),
    short(signerId),
  ])
  return [
    `realm      RIM ${toHex(rim)}`,
    ...(isZero(rpv) ? [] : [`           RPV ${toHex(rpv)}`]),
    ...(policyDigest === undefined ? [] : [`policy     ${toHex(policyDigest)}`]),
    `platform   ${short(platform.implementationId)} instance ${short(platform.instanceId)}, lifecycle 0x${platform.lifecycle.toString(16)}`,
    '',
    ...table(
      ['part', 'status', ''],
      parts.map(({ name, status, problem }) => [shown(name), status, problem ?? '']),
    ),
    '',
    ...table(['component', 'version', 'measurement', 'signer'], components),
    '',
  ]
}
