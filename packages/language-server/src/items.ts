import type { Item, SourceFile, TransitionRule } from '@mica/dsl'
import { covers } from './places.ts'

/** Every item of a file, those inside workflows, policies and patterns too. */
export function allItems(file: SourceFile): readonly Item[] {
  return file.items.flatMap((item) => ('items' in item ? item.items : item.kind === 'import' ? [] : [item]))
}

/** The rule of a transition that an offset lies in. */
export function ruleAt(file: SourceFile, offset: number): TransitionRule | undefined {
  for (const item of allItems(file)) {
    if (item.kind !== 'transition' || !covers(item.span, offset)) continue
    return item.rules.find(({ span }) => covers(span, offset))
  }
  return undefined
}
