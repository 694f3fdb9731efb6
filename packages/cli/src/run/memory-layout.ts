import type { Workflow, WorkflowMemory } from '@mica/policy'

const GRANULE = 4096
/** IPA space is divided into blocks of this size, of which each belongs to one memory: the language places them so. */
const BLOCK = 2 ** 21
const UNPROTECTED_HALF = 2 ** 38

/**
 * Which memory of a workflow lies where in the address space of each peer.
 *
 * Memories pinned by `at` into the same 2 MiB are told apart no further: they count as the first of them.
 */
export class MemoryLayout {
  readonly #memoryAt = new Map<string, WorkflowMemory>()

  constructor({ memories, peers }: Workflow) {
    for (const memory of memories) {
      for (const { peer, ipaGranule } of memory.mappings) {
        if (peer === null || ipaGranule === null) continue
        for (const block of blocksOf(memory, ipaGranule)) this.#place(keyOf(peers[peer]!.name, block), memory)
      }
    }
  }

  /** The memory at an address of a peer, as events write addresses; `undefined` for memory of its own. */
  memoryAt(peer: string, ipa: unknown): WorkflowMemory | undefined {
    return this.#memoryAt.get(keyOf(peer, Math.floor(Number(ipa) / BLOCK)))
  }

  #place(key: string, memory: WorkflowMemory): void {
    if (!this.#memoryAt.has(key)) this.#memoryAt.set(key, memory)
  }
}

const keyOf = (peer: string, block: number): string => `${peer}:${block}`

function* blocksOf(memory: WorkflowMemory, ipaGranule: number): Iterable<number> {
  const start = ipaGranule * GRANULE + (memory.kind === 'unprotected' ? UNPROTECTED_HALF : 0)
  const end = start + memory.granules * GRANULE
  for (let block = Math.floor(start / BLOCK); block * BLOCK < end; block++) yield block
}
