import { HostError, type NormalWorld, type UnprotectedWindow } from '@mica/host'
import { addOffset } from '@mica/hw-sim'
import type { ChannelMemory } from '@mica/realm-sdk'

/** The host's side of an unprotected memory: the same lanes as in the Realm, over Non-secure memory. */
export class HostMemory implements ChannelMemory {
  readonly length: number
  readonly #world: NormalWorld
  readonly #window: UnprotectedWindow

  constructor(world: NormalWorld, window: UnprotectedWindow) {
    this.#world = world
    this.#window = window
    this.length = window.length
  }

  load(offset: number, length: number): Uint8Array {
    const bytes = this.#world.read(addOffset(this.#window.base, offset), length)
    if (bytes === undefined) throw new HostError('an unprotected window is not Non-secure any more')
    return bytes
  }

  store(offset: number, bytes: Uint8Array): void {
    if (!this.#world.write(addOffset(this.#window.base, offset), bytes)) {
      throw new HostError('an unprotected window is not Non-secure any more')
    }
  }

  load32(offset: number): number {
    const bytes = this.load(offset, 4)
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  }

  store32(offset: number, value: number): void {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, value, true)
    this.store(offset, bytes)
  }
}
