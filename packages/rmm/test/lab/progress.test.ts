import { expect, test } from 'vitest'
import { progressReport } from '../../lab/progress.ts'

test('long work says every two seconds how far it is, and quick work nothing', () => {
  const said: string[] = []
  let time = 0
  const report = progressReport(
    (line) => said.push(line),
    () => time,
  )
  for (time of [0, 500, 1999, 2000, 2001, 3999, 4500, 4600]) report(() => `${time}`)
  expect(said).toEqual(['2000', '4500'])
})
