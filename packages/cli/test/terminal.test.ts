import { expect, test } from 'vitest'
import { Terminal } from '../src/terminal.ts'
import { Kept } from './support/call.ts'

test('progress is shown on a terminal only, and is gone before the next line', () => {
  const [stdout, stderr] = [new Kept(true), new Kept(true)]
  const terminal = new Terminal(stdout, stderr, {})
  terminal.progress('1 of 2')
  terminal.progress('2 of 2')
  terminal.out('done')
  expect(stderr.text).toBe('\r\u001b[2K1 of 2\r\u001b[2K2 of 2\r\u001b[2K')
  expect(stdout.text).toBe('done\n')
})

test('a pipe gets lines and nothing else', () => {
  const [stdout, stderr] = [new Kept(), new Kept()]
  const terminal = new Terminal(stdout, stderr, {})
  terminal.progress('1 of 2')
  terminal.err('warning')
  terminal.out('done')
  expect(stderr.text).toBe('warning\n')
  expect(stdout.text).toBe('done\n')
})
