import { check, type Diagnostic, resolveImport } from '@mica/dsl'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const codes = (diagnostics: readonly Diagnostic[]): string[] => diagnostics.map(({ code }) => code)

/** Checks a file of a project that is a record of texts, and notes what was read. */
function checkIn(project: Readonly<Record<string, string>>, file: string): { codes: string[]; read: string[] } {
  const asked: string[] = []
  const read = (path: string): string | undefined => {
    asked.push(path)
    return project[path]
  }
  return { codes: codes(check(project[file] ?? '', { file, read }).diagnostics), read: asked }
}

test('every file is read once, by its path from the root of the project', () => {
  const project = {
    'apps/main.mica': 'import "../lib/peers.mica" import "../lib/sizes.mica" workflow w { channel c a -> b SIZE }',
    'lib/peers.mica': 'import "./sizes.mica" peer a image "a.ts" peer b image "b.ts" peer unused image "u.ts"',
    'lib/sizes.mica': 'let SIZE = 4 KiB',
  }
  expect(checkIn(project, 'apps/main.mica')).toEqual({ codes: [], read: ['lib/peers.mica', 'lib/sizes.mica'] })
})

test('an import brings constants, peers and patterns, and not the workflow; images stay beside their file', () => {
  const library = 'peer a image "realms/a.ts" peer b image "../b.ts" workflow other { channel c a -> b 4 KiB }'
  const { workflow, diagnostics } = check('import "lib/x.mica" workflow w { channel d a -> b 4 KiB }', {
    file: 'w.mica',
    read: () => library,
  })
  expect(diagnostics).toEqual([])
  expect(workflow?.peers.map(({ image }) => image)).toEqual(['lib/realms/a.ts', 'b.ts'])
  expect(workflow?.memories.map(({ name }) => name)).toEqual(['d'])
})

test('one path of an image means different files in different folders', () => {
  const library = 'peer a image "box.ts"'
  const source = 'import "lib/x.mica" peer b image "box.ts" workflow w { channel d a -> b 4 KiB }'
  expect(codes(check(source, { file: 'w.mica', read: () => library }).diagnostics)).toEqual([])
  const same = source.replace('"box.ts"', '"lib/box.ts"')
  expect(codes(check(same, { file: 'w.mica', read: () => library }).diagnostics)).toEqual(['MICA1401'])
})

test('a file that holds only what others import is fine', () => {
  expect(codes(check('let SIZE = 4 KiB peer a image "a.ts"', { file: 'lib.mica' }).diagnostics)).toEqual([])
  expect(codes(check('let SIZE = 5 KiB', { file: 'lib.mica' }).diagnostics)).toEqual([])
  expect(codes(check('let SIZE = OTHER', { file: 'lib.mica' }).diagnostics)).toEqual(['MICA1201'])
})

test('files that import each other without end stop at a limit', () => {
  const read = (path: string): string => `import "x${path}"`
  const { diagnostics } = check('import "a.mica" workflow w { }', { file: 'w.mica', read })
  expect(codes(diagnostics)).toEqual(['MICA1109'])
})

test('files that are long together stop at a limit', () => {
  const imports = Array.from({ length: 200 }, (_, i) => `import "x${i}.mica"`).join('\n')
  const read = (): string => `// ${'x'.repeat(2 ** 21)}\n`
  const { diagnostics } = check(`${imports}\nworkflow w { }`, { file: 'w.mica', read })
  expect(new Set(codes(diagnostics))).toEqual(new Set(['MICA1109', 'MICA1010']))
})

test('a file that is no text is a diagnostic in that file', () => {
  const read = (): Uint8Array => Uint8Array.of(0x6c, 0xff)
  const [diagnostic] = check('import "x.mica" workflow w { }', { file: 'w.mica', read }).diagnostics
  expect(diagnostic).toMatchObject({ code: 'MICA1001', span: { file: 'x.mica' } })
})

test('no path leads out of the project', () => {
  const part = fc.constantFrom('..', '.', '', 'a', 'b.mica', '/', '\\', 'c:', '...')
  const paths = fc.array(part, { maxLength: 8 }).map((parts) => parts.join('/'))
  fc.assert(
    fc.property(paths, fc.constantFrom('', 'p', '/home/p', '../p'), (path, root) => {
      const importer = root === '' ? 'sub/main.mica' : `${root}/sub/main.mica`
      const resolved = resolveImport(path, importer, root)
      if (resolved === undefined) return
      expect(resolved).not.toMatch(/(^|\/)\.(\/|$)|\/\.\.(\/|$)|\/\/|\\/)
      expect(resolved.startsWith(root === '' ? '' : `${root}/`)).toBe(true)
      if (root === '') expect(resolved).not.toMatch(/^(\/|\.\.(\/|$))/)
    }),
    { numRuns: 500 },
  )
  expect(resolveImport('../lib/x.mica', 'apps/w.mica', '')).toBe('lib/x.mica')
  expect(resolveImport('../../x.mica', 'apps/w.mica', '')).toBeUndefined()
  expect(resolveImport('../x.mica', '/home/p/apps/w.mica', '/home/p')).toBe('/home/p/x.mica')
})

test('paths that start below the root of the project stay below the root', () => {
  expect(resolveImport('lib.mica', 'w.mica', '..')).toBe('lib.mica')
  expect(resolveImport('../lib/x.mica', 'w.mica', '..')).toBe('../lib/x.mica')
  expect(resolveImport('../../x.mica', 'sub/w.mica', '../..')).toBe('../x.mica')
  expect(resolveImport('x.mica', '../lib/w.mica', '..')).toBe('../lib/x.mica')
  expect(resolveImport('../../x.mica', 'w.mica', '..')).toBeUndefined()
  expect(resolveImport('..', 'w.mica', '..')).toBeUndefined()
  expect(resolveImport('../x.mica', '../p/w.mica', '../p')).toBeUndefined()
})
