import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { projectOf } from '../../src/files/project.ts'
import { type Compiled, compile } from '../../src/index.ts'

const demos = new URL('../../../../apps/demos/', import.meta.url)
const PIPELINES = ['policies/networking-service.mica', 'video-moderation/pipeline.mica', 'policies/guarded-llm.mica']

/** The paper's three pipelines, compiled with SHA-256 measurements. */
export function compiledPaper(): readonly Compiled[] {
  return PIPELINES.map((path) => {
    const file = fileURLToPath(new URL(path, demos))
    let peer = 0
    const rimOf = (): Uint8Array[] => [new Uint8Array(32).fill(0x80 + ++peer)]
    return compile(new Uint8Array(readFileSync(file)), { file, ...projectOf(file), rimOf })
  })
}
