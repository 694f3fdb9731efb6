const GRANULE_KIB = 4

/** A number of granules as a size, in the largest unit that gives a whole number. */
export function printSize(granules: number): string {
  let [size, unit] = [granules * GRANULE_KIB, 'KiB']
  for (const next of ['MiB', 'GiB']) if (size % 1024 === 0) [size, unit] = [size / 1024, next]
  return `${size} ${unit}`
}
