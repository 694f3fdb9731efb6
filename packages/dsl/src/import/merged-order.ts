/**
 * An order of the numbers below `count` in which those of each sequence stand as they do there; where sequences
 * contradict each other, the rest in numerical order. Of several that may come next, the lowest does.
 */
export function mergedOrder(sequences: readonly (readonly number[])[], count: number): readonly number[] {
  const later: Set<number>[] = Array.from({ length: count }, () => new Set())
  for (const sequence of sequences) {
    for (const [place, item] of sequence.slice(1).entries()) later[sequence[place] ?? 0]?.add(item)
  }
  const waitingFor: number[] = new Array(count).fill(0)
  for (const items of later) for (const item of items) waitingFor[item] = (waitingFor[item] ?? 0) + 1
  const left = new Set(Array.from({ length: count }, (_, item) => item))
  const order: number[] = []
  for (let next = firstFree(left, waitingFor); next !== undefined; next = firstFree(left, waitingFor)) {
    left.delete(next)
    order.push(next)
    for (const item of later[next] ?? []) waitingFor[item] = (waitingFor[item] ?? 0) - 1
  }
  return [...order, ...left]
}

function firstFree(left: ReadonlySet<number>, waitingFor: readonly number[]): number | undefined {
  for (const item of left) if (waitingFor[item] === 0) return item
  return undefined
}
