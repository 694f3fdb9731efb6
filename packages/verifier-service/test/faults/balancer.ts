import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A load balancer as simple as they come: each connection goes to the next instance in turn, and one that cannot be
 * reached is passed over. It knows nothing of sessions.
 */
export class Balancer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #targets: readonly URL[]
  #turn = 0

  static async start(urls: readonly string[]): Promise<Balancer> {
    const balancer = new Balancer(urls)
    await new Promise<void>((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve))
    return balancer
  }

  private constructor(urls: readonly string[]) {
    this.#targets = urls.map((url) => new URL(url))
    this.#server = createServer((client) => void this.#forward(client))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async #forward(client: Socket): Promise<void> {
    this.#sockets.add(client)
    client.on('error', () => {}).once('close', () => this.#sockets.delete(client))
    for (let attempt = 0; attempt < this.#targets.length; attempt++) {
      const { hostname, port } = this.#targets[this.#turn++ % this.#targets.length]!
      const instance = connect(Number(port), hostname)
      const isConnected = await new Promise<boolean>((resolve) => {
        instance.once('connect', () => resolve(true)).on('error', () => resolve(false))
      })
      if (!isConnected) continue
      // Whichever end breaks, so does the other: a client is never left waiting for an instance that is gone.
      instance.once('close', () => client.destroy())
      client.once('close', () => instance.destroy())
      client.pipe(instance).pipe(client)
      return
    }
    client.destroy()
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}
