import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../', import.meta.url)
const json = (file: string) => JSON.parse(readFileSync(new URL(file, root), 'utf8'))
const manifest = json('package.json')

test('the manifest points to files that are there', () => {
  const { languages, grammars } = manifest.contributes
  const named = [
    languages[0].configuration,
    grammars[0].path,
    manifest.main.replace('dist', 'src').replace('.js', '.ts'),
  ]
  expect(named.filter((file) => !existsSync(new URL(file, root)))).toEqual([])
})

test('language and grammar are those of each other', () => {
  const { languages, grammars } = manifest.contributes
  expect(languages[0]).toMatchObject({ id: grammars[0].language, extensions: ['.mica'] })
  expect(json(grammars[0].path).scopeName).toBe(grammars[0].scopeName)
})

test('every command of the manifest is answered by the extension, and no other', () => {
  const answered = [...readFileSync(new URL('src/extension.ts', root), 'utf8').matchAll(/registerCommand\('([^']+)'/g)]
  const declared = manifest.contributes.commands.map(({ command }: { command: string }) => command)
  expect(answered.map(([, command]) => command)).toEqual(declared)
})

test('patterns of the configuration are regular expressions', () => {
  const { wordPattern, indentationRules, onEnterRules } = json('language-configuration.json')
  const whole = new RegExp(`^(?:${wordPattern})$`)
  expect(['gate-1', 'a_b', 'x'].every((name) => whole.test(name))).toBe(true)
  expect(new RegExp(indentationRules.increaseIndentPattern).test('workflow w {')).toBe(true)
  expect(new RegExp(indentationRules.decreaseIndentPattern).test('  }')).toBe(true)
  expect(new RegExp(onEnterRules[0].beforeText).test('  /// says')).toBe(true)
})
