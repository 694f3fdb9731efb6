import {
  type DisclosureExpectations,
  defaultSignatures,
  derivedChallenge,
  earOf,
  type GroupExpectations,
  type ReceiptExpectations,
  readClaimsJson,
  readEndorsements,
  readEvidence,
  renderVerdict,
  type SetOptions,
  type SignatureVerifier,
  signEar,
  type VerificationOptions,
  verify,
  verifyDisclosure,
  verifyEar,
  verifyReceipt,
  verifyToken,
  verifyTokenSet,
  withWebCrypto,
} from '../../src/index.ts'

/** What runs alike in Node and in a browser: this module imports the package and nothing else. */

/** One thing to judge. Each is data, so that it can be carried to another program. */
export type Case =
  | { readonly call: 'token'; readonly evidence: Uint8Array; readonly options: VerificationOptions<object> }
  | { readonly call: 'group'; readonly evidence: Uint8Array; readonly options: VerificationOptions<GroupExpectations> }
  | {
      readonly call: 'part'
      readonly evidence: Uint8Array
      readonly options: VerificationOptions<DisclosureExpectations>
    }
  | {
      readonly call: 'receipt'
      readonly evidence: Uint8Array
      readonly options: VerificationOptions<ReceiptExpectations>
    }
  | { readonly call: 'set'; readonly tokens: readonly Uint8Array[]; readonly options: SetOptions }
  | {
      readonly call: 'endorsements'
      readonly file: Uint8Array
      readonly signers?: Parameters<typeof readEndorsements>[1]
      readonly at: string
    }
  | { readonly call: 'claims'; readonly json: string }
  | { readonly call: 'derived'; readonly challenge: Uint8Array }

/** Judges a case with an implementation of signatures; `undefined` for the default of wherever this runs. */
function judged(one: Case, signatures: SignatureVerifier | undefined): unknown {
  switch (one.call) {
    case 'token': {
      const verdict = verifyToken(readEvidence(one.evidence).bytes, { ...one.options, signatures })
      return [verdict, renderVerdict(verdict)]
    }
    case 'group': {
      const verdict = verify(readEvidence(one.evidence).bytes, { ...one.options, signatures })
      return [verdict, renderVerdict(verdict)]
    }
    case 'part': {
      const verdict = verifyDisclosure(one.evidence, { ...one.options, signatures })
      return [verdict, renderVerdict(verdict)]
    }
    case 'receipt': {
      const verdict = verifyReceipt(one.evidence, { ...one.options, signatures })
      return [verdict, renderVerdict(verdict)]
    }
    case 'set':
      return verifyTokenSet(one.tokens, { ...one.options, signatures })
    case 'endorsements':
      return readEndorsements(one.file, { ...one.signers, at: new Date(one.at), signatures })
    case 'claims':
      return readClaimsJson(one.json)
    case 'derived':
      return derivedChallenge(one.challenge, 7)
  }
}

/** What all cases give, packed; by WebCrypto where that is asked for. */
export async function judgeAll(packed: string, webCrypto: boolean): Promise<string> {
  const results: unknown[] = []
  for (const one of unpack(packed) as readonly Case[])
    results.push(webCrypto ? await withWebCrypto((signatures) => judged(one, signatures)) : judged(one, undefined))
  return pack(results)
}

/** The name of the implementation that is used where none is named. */
export const defaultName = (): string => defaultSignatures.name

/** Signs an attestation result on an accepted group and reads it again: what of the package is asynchronous anyway. */
export async function signedResult(packed: string, privateKey: string, publicKey: string): Promise<string> {
  const [one] = unpack(packed) as readonly (Case & { readonly call: 'group' })[]
  const verdict = verify(one!.evidence, one!.options)
  const ear = earOf(verdict, { verifier: { developer: 'test', build: '1' }, issuedAt: new Date(0) })
  return pack(await verifyEar(await signEar(ear, JSON.parse(privateKey)), JSON.parse(publicKey)))
}

/** JSON in which bytes and maps survive. */
export const pack = (value: unknown): string =>
  JSON.stringify(value, (_, item) => {
    if (item instanceof Uint8Array) return { $bytes: [...item] }
    return item instanceof Map ? { $map: [...item] } : typeof item === 'bigint' ? { $bigint: String(item) } : item
  })

export const unpack = (text: string): unknown =>
  JSON.parse(text, (_, item) => {
    if (item?.$bytes !== undefined) return Uint8Array.from(item.$bytes)
    return item?.$map !== undefined ? new Map(item.$map) : item?.$bigint !== undefined ? BigInt(item.$bigint) : item
  })
