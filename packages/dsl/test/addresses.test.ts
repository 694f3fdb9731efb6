import { check } from '@mica/dsl'
import { expect, test } from 'vitest'

const PEERS = 'peer a image "a.ts" peer b image "b.ts" peer c image "c.ts"'

/** The address of each memory, in granules; each has one. */
function addresses(items: string): Record<string, number | null> {
  const { workflow } = check(`workflow w { ${PEERS} ${items} }`, { file: 'w.mica' })
  return Object.fromEntries(
    (workflow?.memories ?? []).map(({ name, mappings }) => {
      const places = new Set(mappings.map(({ ipaGranule }) => ipaGranule))
      expect(places.size).toBe(1)
      return [name, [...places][0] ?? null]
    }),
  )
}

const ITEMS = ['channel one a -> b 4 KiB', 'channel two b -> c 4 MiB', 'channel three c -> (a, b) 8 KiB']

test('a memory stays where it is when others come, go, change their order or grow', () => {
  const before = addresses(ITEMS.join(' '))
  const after = addresses(['channel four a -> c 1 GiB', ...[...ITEMS].reverse()].join(' '))
  for (const name of ['one', 'two', 'three']) expect(after[name]).toBe(before[name])
  expect(addresses(ITEMS[1] ?? '')).toEqual({ two: before['two'] })
})

test('what is pinned comes first, and others make room for it', () => {
  const [one] = [addresses(ITEMS[0] ?? '')['one'] ?? 0]
  const pinned = `channel wall b -> c 4 KiB at 0x${(one * 4096).toString(16)}`
  const moved = addresses(`${ITEMS[0]} ${pinned}`)
  expect(moved['wall']).toBe(one)
  expect(moved['one']).toBe(one + 512)
  // Peers that do not meet share no address space.
  expect(addresses(`${ITEMS[0]} peer d image "d.ts" ${pinned.replace('b -> c', 'c -> d')}`)['one']).toBe(one)
})
