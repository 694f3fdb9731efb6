import { readFileSync } from 'node:fs'
import { ringOf } from '../bench/material/ring.ts'
import { type SignatureVerifier, type Verdict, verify, verifyDisclosure, verifyToken } from '../src/index.ts'
import { isRecord } from '../src/json.ts'
import { options as partOptions, shown, whole, wholeOptions } from '../test/disclosure/disclosures.ts'
import { CPAK_P384 } from '../test/published-vectors.ts'
import { records, text } from '../vectors/files.ts'
import { anchorFor, hexBytes } from '../vectors/judge-token.ts'

/** Good evidence, and how it is judged: as far as the first failure, or as far as it can be read. */
export interface Specimen {
  readonly name: string
  readonly evidence: Uint8Array
  judge(evidence: Uint8Array, diagnostics: 'first' | 'all', signatures?: SignatureVerifier): Verdict
}

/**
 * The good tokens that travel with the sources, reports on groups of one, three and eight members, one in which a tree is
 * signed, and a part of that.
 */
export function corpus(): readonly Specimen[] {
  const folder = new URL('../test/vectors/', import.meta.url)
  const expected: unknown = JSON.parse(readFileSync(new URL('expect.json', folder), 'utf8'))
  const json = isRecord(expected) ? expected : {}
  const tokens = records(json['vectors']).flatMap((vector) => {
    const file = text(vector, 'file')
    if (file === undefined || text(vector, 'verdict') !== 'accept') return []
    const evidence = new Uint8Array(readFileSync(new URL(file, folder)))
    return [tokenSpecimen(file, evidence, hexBytes(text({ ...json, ...vector }, 'nonce_hex')))]
  })
  return [...tokens, ...[1, 3, 8].map(reportSpecimen), ...treeSpecimens()]
}

function tokenSpecimen(name: string, evidence: Uint8Array, challenge: Uint8Array): Specimen {
  const trustAnchors = anchorFor(evidence, CPAK_P384)
  return {
    name,
    evidence,
    judge: (mutant, diagnostics, signatures) =>
      verifyToken(mutant, { trustAnchors, challenge, diagnostics, signatures, expectations: {} }),
  }
}

function treeSpecimens(): readonly Specimen[] {
  return [
    {
      name: 'report with a tree',
      evidence: whole,
      judge: (mutant, diagnostics, signatures) => verify(mutant, { ...wholeOptions, diagnostics, signatures }),
    },
    {
      name: 'part of a report',
      evidence: shown('encoder'),
      judge: (mutant, diagnostics, signatures) => verifyDisclosure(mutant, { ...partOptions, diagnostics, signatures }),
    },
  ]
}

function reportSpecimen(members: number): Specimen {
  const { evidence, options } = ringOf(members)
  return {
    name: `report of ${members}`,
    evidence,
    judge: (mutant, diagnostics, signatures) => verify(mutant, { ...options, diagnostics, signatures }),
  }
}
