import { NAME_BYTES, type Policy } from '@mica/policy'
import { isName } from '../print/source.ts'

/** A name of the language that is near to any text, such as the name of a file. */
export function languageName(text: string): string {
  const letters = text.replace(/[^A-Za-z0-9_]+/g, '_').slice(0, NAME_BYTES - 1)
  const begun = /^[A-Za-z_]/.test(letters) ? letters : `_${letters}`
  // What is no name by now is a word of the language.
  return isName(begun) ? begun : `${begun}_`
}

/** The first name of a policy that a policy file cannot have there: none of the language, or taken by a peer. */
export function unwritableName({
  peers,
  memories,
}: Policy): { readonly name: string; readonly what: string } | undefined {
  const taken = new Set(peers.map(({ name }) => name))
  const peer = peers.find(({ name }) => !isName(name))
  if (peer !== undefined) return { name: peer.name, what: 'a peer' }
  const memory = memories.find(({ name }) => !isName(name) || taken.has(name))
  if (memory === undefined) return undefined
  return { name: memory.name, what: taken.has(memory.name) ? 'a memory beside a peer' : 'a memory' }
}
