import { expect, test } from 'vitest'
import * as host from '../src/index.ts'

test('the entry has these names and no others', () => {
  expect(Object.keys(host).sort()).toMatchInlineSnapshot(`
    [
      "GranulePool",
      "HostError",
      "NormalWorld",
      "RealmBuilder",
      "Scheduler",
      "TIMER_INTIDS",
      "TranslationTables",
      "VirtualInterrupts",
      "Witness",
      "createSharedRegion",
      "createUnprotectedWindow",
      "describeRefusal",
      "tearDownRealm",
      "undelegate",
      "windowGranule",
    ]
  `)
})
