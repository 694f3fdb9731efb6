import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { mica } from '../support/call.ts'
import { flipByte, PIPELINE, Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

test('a build folder holds image and blob of each peer, the types, the lock and what to expect, and is the same when built again', async () => {
  const [first, second] = [scratch.path('first'), scratch.path('second')]
  const { code, out, err } = await mica(['compile', PIPELINE, '--out', first])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const files = readdirSync(first)
  expect(files.sort()).toEqual(
    ['encoder', 'gate', 'moderator']
      .flatMap((peer) => [`${peer}.image`, `${peer}.policy`])
      .concat('mica.expectations.json', 'mica.lock.json', 'pipeline.mica.ts')
      .sort(),
  )
  const json = JSON.parse((await mica(['compile', PIPELINE, '--out', second, '--json'])).out)
  for (const file of files)
    expect(readFileSync(`${second}/${file}`).equals(readFileSync(`${first}/${file}`)), file).toBe(true)

  const lock = JSON.parse(readFileSync(`${first}/mica.lock.json`, 'utf8'))
  expect(json).toMatchObject({ workflow: 'video_moderation', out: second })
  for (const { name, rim, imageBytes, blobBytes } of json.peers) {
    expect(rim).toBe(lock.peers[name].rim)
    expect(out).toContain(rim)
    expect(readFileSync(`${first}/${name}.image`)).toHaveLength(imageBytes)
    expect(readFileSync(`${first}/${name}.policy`)).toHaveLength(blobBytes)
  }
})

test.each([
  ['image "missing.ts"', 'there is no missing.ts beside'],
  ['image "broken.ts"', 'broken.ts:1:'],
])('a peer with %s is a usage error, and nothing is written', async (image, cause) => {
  scratch.write('broken.ts', 'export default {{\n')
  const policy = scratch.write(
    'one.mica',
    `workflow w {\n  version 1\n  trusted gateway peer gate ${image}\n  channel nic gate <-> host 64 KiB\n}\n`,
  )
  const { code, out, err } = await mica(['compile', policy, '--out', scratch.path('never')])
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(cause)
  expect(err).toMatch(/\n {2}help: .+\n$/)
  expect(existsSync(scratch.path('never'))).toBe(false)
})

test('a folder that cannot be made is a usage error', async () => {
  const inTheWay = scratch.write('file', '')
  const { code, err } = await mica(['compile', PIPELINE, '--out', `${inTheWay}/build`])
  expect({ code, err }).toEqual({
    code: 2,
    err: `error: cannot make the folder ${inTheWay}/build: a part of its path is no directory\n  help: mica compile --help\n`,
  })
})

test('a build folder with a file missing, cut short or no lock is a usage error', async () => {
  const build = scratch.path('cut')
  await mica(['compile', PIPELINE, '--out', build])
  const input = scratch.write('input', 'no matter')
  const call = () => mica(['run', PIPELINE, '--build', build, '--input', input, '--output', scratch.path('out')])

  scratch.write('cut/gate.image', readFileSync(`${build}/gate.image`).subarray(0, 5000))
  expect((await call()).err).toMatch(/^error: .*gate\.image is no image: 5000 bytes, .*\n {2}help: mica compile .*\n$/)
  scratch.write('cut/gate.policy', '')
  scratch.write('cut/gate.image', new Uint8Array(4096))
  expect((await call()).err).toMatch(
    /^error: .*gate\.policy is no policy blob: 0 bytes, .*\n {2}help: mica compile .*\n$/,
  )
  flipByte(`${build}/mica.lock.json`, 0)
  const { code, out, err } = await call()
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(/^error: .*mica\.lock\.json is no lock: .*\n {2}help: .*\n$/)
})

const VIEWS = `policy mine for a {
  peer a rim sha256:${'a1'.repeat(32)}
  peer b
  channel job a -> b 64 KiB
}
policy theirs for b {
  peer a rim sha256:${'a1'.repeat(32)}
  peer b
  channel job a -> b 64 KiB
}
`

test('the policies of a file are written under their names, without images or a lock', async () => {
  const file = scratch.write('views.mica', VIEWS)
  const { code, out } = await mica(['compile', file, '--out', scratch.path('views')])
  expect(code).toBe(0)
  expect(out).toContain('mine             policy ')
  expect(readdirSync(scratch.path('views')).sort()).toEqual(['mine.policy', 'theirs.policy'])
  const one = scratch.path('one-view')
  expect((await mica(['compile', file, '--out', one, '--peer', 'mine'])).code).toBe(0)
  expect(readdirSync(one)).toEqual(['mine.policy'])
  expect(await mica(['compile', file, '--out', one, '--peer', 'nobody'])).toMatchObject({ code: 2 })
})

test('poly-v1 writes what the prototype reads, says what differs, and refuses what it cannot say', async () => {
  const labels = scratch.write(
    'labels.mica',
    'policy mine for VM1 {\n  peer VM1 label 1\n  open peer worker label 0x2\n  channel Mem1 VM1 -> worker 8 KiB at 0x1000\n}\n',
  )
  const out = scratch.path('poly')
  const { code, err } = await mica(['compile', labels, '--target', 'poly-v1', '--out', out])
  expect(code).toBe(0)
  expect(err).toMatch(/warning MICA1912: .*`worker`/)
  expect(readFileSync(`${out}/mine.policy`).subarray(0, 4).toString('latin1')).toBe('YLOP')
  expect(await mica(['compile', labels, '--out', scratch.path('no-labels')])).toMatchObject({
    code: 1,
    err: expect.stringContaining('error MICA1405'),
  })
  const scrubbing = scratch.write(
    'scrub.mica',
    VIEWS.replaceAll('channel', 'transition a { call host_call: scrub }\n  channel'),
  )
  expect(await mica(['compile', scrubbing, '--target', 'poly-v1', '--out', scratch.path('scrub')])).toMatchObject({
    code: 1,
    err: expect.stringContaining('error MICA1804'),
  })
  expect(existsSync(scratch.path('scrub'))).toBe(false)
})
