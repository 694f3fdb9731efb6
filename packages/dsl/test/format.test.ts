import { format } from '@mica/dsl'
import { expect, test } from 'vitest'

const neat = (text: string): string => format(text, { file: 'w.mica' }).text

test('items stand in columns, sizes end below each other, comments below each other', () => {
  expect(
    neat(`workflow video{version 1

trusted gateway peer gate image "gate.ts" // the client's own
peer encoder image "encoder.ts" // vendor A

channel raw gate->encoder 256 KiB
channel coded encoder->(moderator,any(2)) 64KiB at 0x1000_0000
channel nic gate<->host FRAME// meets the host
}`),
  ).toBe(`workflow video {
  version 1

  trusted gateway peer gate  image "gate.ts"     // the client's own
  peer encoder               image "encoder.ts"  // vendor A

  channel raw    gate -> encoder                 256 KiB
  channel coded  encoder -> (moderator, any(2))   64 KiB  at 0x1000_0000
  channel nic    gate <-> host                     FRAME  // meets the host
}
`)
})

test('braces stay in one line while it is short and has nothing to explain', () => {
  expect(
    neat(`workflow w {
memory code protected 12 KiB {gate:owner read write at 0x2000_0000,image:read execute,any:read}
memory page protected 4 KiB {
  gate: read, // reads
  b: write }
transition gate {call host_call:allow}
transition b {call host_call,0x10..0x1f:allow exception *:block}
}`),
  ).toBe(`workflow w {
  memory code  protected  12 KiB {
    gate:  owner read write at 0x2000_0000,
    image: read execute,
    any:   read
  }
  memory page  protected  4 KiB {
    gate: read,  // reads
    b:    write
  }
  transition gate  { call host_call: allow }
  transition b {
    call      host_call, 0x10..0x1f: allow
    exception *: block
  }
}
`)
})

test('comments stay where they were; one that cannot stand inside an item stands before it', () => {
  expect(
    neat(`// about the file
/* and
   more */
let A = 4 KiB /* four */ let B = 8 KiB
/// The workflow.
workflow w { // opens
  /// The first.
  peer a // who
    image "a.ts" /// The second.
  peer b /* inside */ image "b.ts"



  // at the end
} // closes
// after`),
  ).toBe(`// about the file
/* and
   more */
let A = 4 KiB  /* four */
let B = 8 KiB

/// The workflow.
workflow w {  // opens
  /// The first.
  // who
  peer a               image "a.ts"
  /// The second.
  peer b /* inside */  image "b.ts"

  // at the end
}  // closes
// after
`)
})

test('a file with syntax errors stays as it is, whatever else is wrong with it does not matter', () => {
  const broken = 'workflow w {\npeer  a\n'
  expect(format(broken, { file: 'w.mica' })).toMatchObject({ text: broken, diagnostics: [{ code: 'MICA1101' }] })
  expect(neat('workflow w { channel c a->nobody 5 KiB }')).toBe('workflow w {\n  channel c  a -> nobody  5 KiB\n}\n')
})

test('very long files and items take time in proportion', () => {
  const rules = 'call 0x20: allow // one\n'.repeat(20_000)
  expect(neat(`workflow w { transition a { ${rules} } }`).split('\n')).toHaveLength(20_005)
  expect(neat('// c\n'.repeat(50_000)).length).toBe(5 * 50_000)
})
