import { type MarkupContent, MarkupKind } from 'vscode-languageserver'

/** Paragraphs, those that there are, as editors show them. */
export function markdown(paragraphs: readonly (string | undefined)[]): MarkupContent {
  const value = paragraphs.filter((paragraph) => paragraph !== undefined && paragraph !== '').join('\n\n')
  return { kind: MarkupKind.Markdown, value }
}

/** Text of a policy file as source. */
export function source(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}mica\n${text}\n${fence}`
}

/** Text of a policy file as text. A file may come from anyone: nothing in it becomes a link or an image. */
export function plain(text: string): string {
  return text.replace(/[\\`*_[\]#:!|<>&~@]|(?<=www)\./gi, (character) => `&#${character.codePointAt(0)};`)
}

/** Names with commas, the first of many. */
export function nameList(names: readonly string[], limit = 12): string {
  const more = names.length > limit ? ` and ${names.length - limit} more` : ''
  return `${names
    .slice(0, limit)
    .map((name) => `\`${name}\``)
    .join(', ')}${more}`
}
