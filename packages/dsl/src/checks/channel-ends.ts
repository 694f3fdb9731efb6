import * as messages from '../diagnostics.ts'
import type { ChannelItem, Endpoint } from '../syntax/ast.ts'
import type { Span } from '../syntax/span.ts'
import type { Check } from './check.ts'

type Report = Parameters<Check>[1]

/** Who may stand at the ends of a channel together: peers once, `host` and `each any` alone. */
export const channelEnds: Check = ({ items }, report) => {
  for (const item of items) {
    if (item.kind !== 'channel' || item.tail.length === 0 || item.head.length === 0) continue
    checkPeers(item, report)
    checkHost(item, report)
    checkAny(item, report)
    const pacedWrongly = item.arrow === 'both-ways' || endsOf(item, 'host').length > 0
    if (item.paced !== undefined && pacedWrongly)
      report(messages.cannotBePaced({ channel: item.name.text }, item.paced))
  }
}

function checkPeers(item: ChannelItem, report: Report): void {
  const channel = item.name.text
  const tail = new Map<string, Span>()
  const head = new Map<string, Span>()
  for (const [side, seen] of [[item.tail, tail] as const, [item.head, head] as const]) {
    for (const end of side) {
      if (end.kind !== 'peer') continue
      const { text: peer, span } = end.name
      const twice = seen.get(peer)
      const opposite = seen === head ? tail.get(peer) : undefined
      if (twice !== undefined) report(messages.listedTwice({ name: peer, where: `\`${channel}\``, first: twice }, span))
      else if (opposite !== undefined) report(messages.selfChannel({ channel, peer, first: opposite }, span))
      seen.set(peer, twice ?? span)
    }
  }
}

function checkHost(item: ChannelItem, report: Report): void {
  const channel = item.name.text
  const [first, second] = endsOf(item, 'host')
  if (first === undefined) return
  const [own, opposite] = item.tail.includes(first) ? [item.tail, item.head] : [item.head, item.tail]
  if (second !== undefined) report(messages.hostOppositeStranger({ channel }, second.span))
  else if (own.length > 1) report(messages.hostNotAlone({ channel }, first.span))
  else {
    const stranger = opposite.find((end) => end.kind !== 'peer')
    if (stranger !== undefined) report(messages.hostOppositeStranger({ channel }, stranger.span))
  }
}

function checkAny(item: ChannelItem, report: Report): void {
  const channel = item.name.text
  const [first, second] = endsOf(item, 'any')
  if (first?.kind !== 'any') return
  if (second !== undefined) report(messages.severalAny({ memory: channel, first: first.span }, second.span))
  const own = item.tail.includes(first) ? item.tail : item.head
  if (first.each && own.length > 1) report(messages.eachNotAlone({ channel }, first.span))
}

function endsOf(item: ChannelItem, kind: Endpoint['kind']): readonly Endpoint[] {
  return [...item.tail, ...item.head].filter((end) => end.kind === kind)
}
