import { buildGroup, loadWorkflow } from '@mica/cli'
import { bootSimulator } from '@mica/plugins'

const POLICY = new URL('../video-moderation/pipeline.mica', import.meta.url).pathname
const RUNS = 5

/** From power-on to three Realms that are built and ready to be entered, their threads included. */
export async function rows(): Promise<readonly { name: string; value: number; unit: string }[]> {
  const loaded = loadWorkflow(POLICY)
  if (loaded.workflow === undefined) throw new Error(`${POLICY} has errors`)
  const group = await buildGroup({ ...loaded, workflow: loaded.workflow })
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now()
    const platform = await bootSimulator({ seed: new Uint8Array(32).fill(run) })
    await platform.launch({
      realms: group.peers.map(({ name, image, blob }) => ({ peer: name, image, blob })),
      memories: group.workflow.memories,
    })
    times.push(performance.now() - started)
    await platform.stop()
  }
  return [{ name: 'machine.boot_3_realms_ms', value: median(times), unit: 'ms' }]
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
