/**
 * Registers that could be taken for `value` by mistake: they differ from it above bit 52, which is more than a double
 * holds exactly, or are next to it where doubles are far apart.
 */
export function lookalikes(value: bigint): readonly bigint[] {
  const above = [53n, 54n, 60n, 63n].map((bit) => BigInt.asUintN(64, value + (1n << bit)))
  // Of a negative number a double keeps the upper 53 bits: numbers closer than 2048 to each other are one.
  const near = value >= 1n << 53n ? [-1024n, -2n, -1n, 1n, 2n, 1024n].map((by) => BigInt.asUintN(64, value + by)) : []
  const negative = [1n, 2n, 3n, 4n, 1024n, 4096n].map((by) => 2n ** 64n - by)
  return [...above, ...near, ...negative].filter((other) => other !== value)
}
