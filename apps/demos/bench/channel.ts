import { buildGroup, loadWorkflow } from '@mica/cli'
import { bootSimulator, type Device, type Progress } from '@mica/plugins'
import { ChannelEnd } from '@mica/realm-sdk'
import { declarationsOf } from '@mica/realm-sdk/build'

const POLICY = new URL('./throughput/throughput.mica', import.meta.url).pathname

/** The host's end of the sink's channel: notes when the first message says that data flows, and when the total arrives. */
class StopWatch implements Device {
  started = Number.NaN
  stopped = Number.NaN
  bytes = 0
  readonly #end: ChannelEnd

  constructor(end: ChannelEnd) {
    this.#end = end
  }

  async poll(): Promise<Progress> {
    const message = this.#end.tryReceive()
    if (message?.length === 1) this.started = performance.now()
    if (message?.length !== 4) return 'idle'
    this.stopped = performance.now()
    this.bytes = new DataView(message.buffer, message.byteOffset).getUint32(0, true)
    return 'done'
  }
}

/** Messages of 64 KiB from one Realm to another: written, walked, read and put together again. Received bytes count once. */
export async function rows(): Promise<readonly { name: string; value: number; unit: string }[]> {
  const loaded = loadWorkflow(POLICY)
  if (loaded.workflow === undefined) throw new Error(`${POLICY} has errors`)
  const group = await buildGroup({ ...loaded, workflow: loaded.workflow })
  const platform = await bootSimulator({ seed: new Uint8Array(32) })
  try {
    const deployment = await platform.launch({
      realms: group.peers.map(({ name, image, blob }) => ({ peer: name, image, blob })),
      memories: group.workflow.memories,
    })
    const nic = declarationsOf(group.workflow).find(({ peer }) => peer === 'sink')?.channels['nic']
    if (nic === undefined) throw new Error('the sink has no channel to the host')
    const watch = new StopWatch(new ChannelEnd(deployment.hostMemory('nic'), nic, 'host'))
    const ended = await deployment.run(watch)
    if (watch.bytes === 0) throw new Error(`nothing arrived: ${ended}`)
    const seconds = (watch.stopped - watch.started) / 1000
    return [{ name: 'channel.throughput_64KiB', value: watch.bytes / 1e6 / seconds, unit: 'MB/s' }]
  } finally {
    await platform.stop()
  }
}
