/**
 * Describes everything that can be reached from an object: one line for each value, with the path that leads to it.
 * Members are found, not listed, getters among them, so that one which is added later is described too.
 *
 * An object that is reached twice is described where it is reached first. Functions are left out.
 *
 * @param excluded Objects that are not entered.
 */
export function describeObjects(path: string, root: object, excluded: readonly object[]): string[] {
  const lines: string[] = []
  const known = new Map<object, string>(excluded.map((object) => [object, '']))
  const describe = (at: string, value: unknown): void => {
    if (typeof value === 'function' || value === undefined) return
    if (typeof value !== 'object' || value === null) {
      lines.push(`${at} ${String(value)}`)
      return
    }
    if (ArrayBuffer.isView(value)) {
      lines.push(`${at} ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`)
      return
    }
    const first = known.get(value)
    if (first !== undefined) {
      if (first !== '') lines.push(`${at} is ${first}`)
      return
    }
    known.set(value, at)
    for (const [name, member] of membersOf(value)) describe(`${at}.${name}`, member)
  }
  describe(path, root)
  return lines
}

function membersOf(object: object): [name: string, value: unknown][] {
  if (object instanceof Map) {
    const entries = [...object]
    return entries.flatMap(([key, value], i): [string, unknown][] =>
      typeof key === 'object'
        ? [
            [`key ${i}`, key],
            [`value ${i}`, value],
          ]
        : [[String(key), value]],
    )
  }
  if (object instanceof Set) return Array.from(object, (value, i) => [String(i), value])
  return [...Object.entries(object), ...gettersOf(object)]
}

function gettersOf(object: object): [name: string, value: unknown][] {
  const getters: [string, unknown][] = []
  let prototype: unknown = Object.getPrototypeOf(object)
  while (typeof prototype === 'object' && prototype !== null && prototype !== Object.prototype) {
    if (prototype === Array.prototype) break
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (property.get !== undefined && name !== '__proto__') getters.push([name, property.get.call(object)])
    }
    prototype = Object.getPrototypeOf(prototype)
  }
  return getters
}
