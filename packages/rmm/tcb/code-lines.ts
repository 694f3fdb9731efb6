/** Lines of a source file that hold code: neither blank nor, as a whole, comment. */
export function codeLines(source: string): number {
  // Strings and templates are matched so that what looks like a comment inside them is none.
  const comment = /'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g
  const code = source.replace(comment, (found) => (found.startsWith('/') ? found.replace(/[^\n]/g, '') : found))
  return code.split('\n').filter((line) => line.trim() !== '').length
}
