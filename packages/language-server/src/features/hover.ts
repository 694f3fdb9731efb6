import type { Hover } from 'vscode-languageserver'
import type { Analysis } from '../analysis.ts'
import { markdown, source } from '../markdown.ts'
import { covers } from '../places.ts'
import { VOCABULARY } from '../vocabulary.ts'
import { describeJudgement } from './hover/judgement.ts'
import { describeSymbol } from './hover/symbol.ts'
import { describeTransition } from './hover/transition.ts'

/**
 * What is known of the word at an offset: of a name its declaration, its doc comment and its flows; of the id of a
 * transition what it is; of an `assert` whether it holds and why; of another word of the language what it means.
 */
export function hoverAt(analysis: Analysis, offset: number): Hover | undefined {
  const places = analysis.placesOf(analysis.path)
  const name = analysis.nameAt(offset)
  if (name !== undefined) {
    return { contents: markdown(describeSymbol(name, analysis)), range: places.range(name.span) }
  }
  const token = analysis.parsed.tokens.find(({ startOffset, image }) =>
    covers({ offset: startOffset, length: image.length }, offset),
  )
  if (token === undefined) return undefined
  const { image, startOffset } = token
  const meaning = VOCABULARY.get(image)
  const lines =
    describeTransition(analysis, startOffset) ??
    (image === 'assert' ? describeJudgement(analysis, startOffset) : undefined) ??
    (meaning && [source(image), meaning])
  if (lines === undefined) return undefined
  return { contents: markdown([...lines]), range: places.range({ offset: startOffset, length: image.length }) }
}
