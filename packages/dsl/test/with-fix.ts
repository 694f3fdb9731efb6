import type { Fix } from '@mica/dsl'

/** A text after the edits of a fix, all of them in it. */
export function withFix(text: string, { edits }: Fix): string {
  const backwards = [...edits].sort((a, b) => b.span.offset - a.span.offset)
  return backwards.reduce(
    (rest, { span, text: written }) => rest.slice(0, span.offset) + written + rest.slice(span.offset + span.length),
    text,
  )
}
