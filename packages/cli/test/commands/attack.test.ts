import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderAttack } from '../../src/attack/attack-report.ts'
import { mica } from '../support/call.ts'
import { PIPELINE, Scratch } from '../support/pipeline.ts'

const scratch = new Scratch()
afterAll(() => scratch.remove())

interface Report {
  readonly attacks: readonly { name: string; outcome: string; tries: number; by: readonly string[] }[]
  readonly succeeded: number
}

let plain: string

beforeAll(() => {
  scratch.write('left.ts', 'export default () => {}')
  scratch.write('right.ts', 'export default () => 1')
  plain = scratch.write(
    'plain.mica',
    `workflow plain {
      gateway peer left image "left.ts"
      peer right image "right.ts"
      channel link left -> right 4 KiB
      channel nic left <-> host 8 KiB
    }`,
  )
})

describe('the video moderation workflow, which is attacked where none is named', () => {
  let report: Report

  beforeAll(async () => {
    const { code, out, err } = await mica(['attack', '--json'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    report = JSON.parse(out)
  })

  test('each attack is tried at least once, and stopped, after the controls have worked', () => {
    expect(report.succeeded).toBe(0)
    expect(report.attacks.length).toBeGreaterThan(15)
    for (const { name, outcome, tries, by } of report.attacks) {
      expect(outcome, name).toBe(name.endsWith('control') ? 'works' : 'stopped')
      expect(tries, name).toBeGreaterThan(0)
      expect(by.length, name).toBeGreaterThan(0)
    }
    expect(report.attacks.filter(({ name }) => name.endsWith('control'))).toHaveLength(2)
  })

  test.each([
    ['stranger', 'rule peer-not-admitted at step 6 of the upload'],
    ['replica', 'rule mapping-held at step 5 of the upload'],
    ['swapped-policies', 'rule self-rim-differs at step 2 of the upload'],
    ['beyond-rights', 'stage 2: permission fault on a write'],
    ['late-mapping', 'RMI_DATA_CREATE_UNKNOWN_SHARED answered RMI_ERROR_REALM'],
    ['host-call', 'transition: call 0xc4000199 is block, by rule default'],
    ['against-the-arrow', 'RSI_MICA_CREDIT answered RSI_ERROR_INPUT'],
    ['foreign-revocation', 'RSI_MICA_REVOKE answered RSI_ERROR_INPUT'],
    ['replayed-report', 'verdict: rejected, freshness (MICA2017)'],
    ['wider-policies', 'verdict: rejected, assertion (MICA2050)'],
  ])('%s is stopped by what is meant to stop it', (name, by) => {
    expect(report.attacks.find((attack) => attack.name === name)?.by).toContain(by)
  })
})

test('people get a block for each attack, and a line that sums up', async () => {
  const { code, out, err } = await mica(['attack', plain])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const blocks = out.match(/^(works|stopped|nothing to try) {2}[a-z-]+: .+\n {2}by .+/gm)
  expect(blocks!.length).toBeGreaterThan(15)
  expect(out).toMatch(/^stopped {2}impostor: the host and a stranger .+\n {2}by rule self-rim-differs at step 2/m)
  expect(out).toMatch(/\n\n(\d+) of \1 attacks stopped\n$/)
})

test('a workflow without assertions has nothing that wider policies could break, and that is said; a seed repeats it', async () => {
  const [one, other] = await Promise.all([1, 2].map(() => mica(['attack', plain, '--json', '--seed', '7'])))
  const found = (JSON.parse(one!.out) as Report).attacks.find(({ name }) => name === 'wider-policies')
  expect([one!.code, found?.outcome, found?.tries]).toEqual([0, 'not-applicable', 0])
  expect(other!.out).toBe(one!.out)
})

test('a policy with errors is not attacked, and neither is one that is not there', async () => {
  const broken = scratch.write('broken.mica', 'workflow nonsense {')
  expect((await mica(['attack', broken])).code).toBe(1)
  expect(await mica(['attack', scratch.path('none.mica')])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^error: /),
  })
  expect(await mica(['attack', PIPELINE, PIPELINE])).toMatchObject({ code: 2 })
})

test('an attack that got through is in red, in capitals', () => {
  const style = { red: (text: string) => `<red>${text}</red>`, bold: String, dim: String, green: String }
  const result = {
    name: 'x',
    adversary: 'the host',
    tried: 'tries',
    tries: 2,
    outcome: 'succeeded',
    by: ['nothing: 1 of 2 got through'],
  }
  expect(renderAttack(result as never, style as never)).toBe(
    '<red>SUCCEEDED</red>  x: the host tries, 2 times\n  by nothing: 1 of 2 got through',
  )
})
