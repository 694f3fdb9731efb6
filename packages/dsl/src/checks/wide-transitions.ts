import { idsOfName, SERVICES } from '@mica/policy'
import * as messages from '../diagnostics.ts'
import type { Check } from './check.ts'

/** Rules say what is needed: no `allow` for everything else, no `scrub` where nobody looks. */
export const wideTransitions: Check = ({ items }, report) => {
  for (const item of items) {
    if (item.kind !== 'transition') continue
    for (const rule of item.rules) {
      const rest = rule.ids.find((id) => id.kind === 'rest')
      if (rest !== undefined && rule.action.text === 'allow') {
        report(messages.everythingAllowed({ peer: item.peer.text, class: rule.class.text }, rest.span))
      }
      if (rule.class.text !== 'call' || rule.action.text !== 'scrub') continue
      for (const id of rule.ids) {
        if (id.kind !== 'name' || !isService(id.name.text)) continue
        const action = rule.ids.length === 1 ? rule.action.span : undefined
        report(messages.scrubbedService({ name: id.name.text, action }, id.span))
      }
    }
  }
}

function isService(name: string): boolean {
  return idsOfName('call', name) !== undefined && SERVICES.some((service) => service.name === name)
}
