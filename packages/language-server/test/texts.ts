/** A workflow with everything in order. */
export const PIPELINE = `/// Moderates.
workflow pipeline {
  trusted gateway peer gate image "gate.ts"
  /// Makes it *small*.
  peer encoder image "encoder.ts"

  channel raw   gate -> encoder  256 KiB
  channel coded encoder -> gate  256 KiB
  channel nic   gate <-> host     64 KiB

  transition encoder { call host_call: block }
  assert raw reaches host only via gate
  assert leakers are gate
}
`

/** What {@link USER} imports. */
export const LIBRARY = `let FRAME = 64 KiB

/// One that sees what goes in, and what comes out of it.
pattern sandbox(user, box, size) {
  channel in  user -> box  size
  channel out box -> user  size
}
`

/** A workflow that uses a pattern of another file, twice. */
export const USER = `import "lib/sandbox.mica"

workflow twice {
  gateway peer gate image "gate.ts"
  channel nic gate <-> host 64 KiB
  peer one image "one.ts"
  peer two image "two.ts"
  use sandbox(gate, one, FRAME) as s1
  use sandbox(gate, two, 8 KiB) as s2
  assert s1_in reaches s1_out
}
`
