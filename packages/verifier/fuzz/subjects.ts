import { readdirSync, readFileSync } from 'node:fs'
import { readEndorsements } from '../src/index.ts'
import { platformCorim, realmCorim, SIGNER, signedCorim } from '../test/corim/corims.ts'
import { certificate, party } from '../test/x509/certificates.ts'
import { corpus, type Specimen } from './corpus.ts'

/** Something good whose mutants are tried. */
export interface Subject {
  readonly name: string
  readonly bytes: Uint8Array
  /** Whether a signature covers all of it, so that no mutant may be accepted. */
  readonly isVouchedFor: boolean
  accepts(bytes: Uint8Array, diagnostics: 'first' | 'all'): boolean
}

/** All good evidence, and manifests: those that are signed by a key and under a certificate, and those that nobody signed. */
export const subjects = (): readonly Subject[] => [...corpus().map(evidenceSubject), ...manifests()]

/** Evidence: everything in it is signed. */
export const evidenceSubject = ({ name, evidence, judge }: Specimen): Subject => ({
  name,
  bytes: evidence,
  isVouchedFor: true,
  accepts: (bytes, diagnostics) => judge(bytes, diagnostics).kind === 'accepted',
})

/** A time at which all of them are valid. */
const AT = new Date('2026-11-21T00:00:00Z')
const X5CHAIN = 33

function manifests(): readonly Subject[] {
  const [root, authority, signer] = [party('root'), party('authority', 'P-384'), party('signer')]
  const chain = [certificate(signer, authority, false), certificate(authority, root, true)]
  const signers = { keys: [SIGNER], roots: [certificate(root, root, true)] }
  const subject = (name: string, bytes: Uint8Array, isVouchedFor: boolean): Subject => ({
    name,
    bytes,
    isVouchedFor,
    accepts: (mutant) => readEndorsements(mutant, isVouchedFor ? { signers, at: AT } : { at: AT }).kind === 'read',
  })
  const folder = new URL('../test/vectors/corim/', import.meta.url)
  const vectors = readdirSync(folder).filter((file) => file.endsWith('-valid.cbor'))
  return [
    subject('manifest signed by a key', signedCorim(platformCorim()), true),
    subject('manifest signed under a root', signedCorim(realmCorim(), [[X5CHAIN, chain]], signer.privateKey), true),
    subject('manifest that nobody signed', realmCorim(), false),
    ...vectors.map((file) => subject(file, new Uint8Array(readFileSync(new URL(file, folder))), false)),
  ]
}
