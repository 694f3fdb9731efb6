/**
 * What a JSON value has to look like: says what is wrong with it, or `undefined` if nothing is.
 *
 * @param path Where the value stands, for the text.
 */
export type Shape = (value: unknown, path: string) => string | undefined

/** A shape that is told by one condition. */
function isA(noun: string, holds: (value: unknown) => boolean): Shape {
  return (value, path) => (holds(value) ? undefined : `${path} is ${shown(value)}, not ${noun}`)
}

function matches(noun: string, pattern: RegExp): Shape {
  return isA(noun, (value) => typeof value === 'string' && pattern.test(value))
}

export const text: Shape = isA('text', (value) => typeof value === 'string')
export const flag: Shape = isA('true or false', (value) => typeof value === 'boolean')
/** A natural number that is exact. */
export const count: Shape = isA('a count', (value) => Number.isSafeInteger(value) && Number(value) >= 0)
/** A register: up to 16 hexadecimal digits after `0x`. */
export const register: Shape = matches('a register in hexadecimal', /^0x[0-9a-f]{1,16}$/i)
/** An address that a number holds exactly. */
export const address: Shape = matches('an address in hexadecimal', /^0x[0-9a-f]{1,13}$/i)
/** Bytes, two digits each. */
export const bytes: Shape = matches('bytes in hexadecimal', /^([0-9a-f]{2})*$/i)
export const nothing: Shape = isA('null', (value) => value === null)

/** One of several texts. */
export function oneOf(...texts: readonly string[]): Shape {
  return isA(`one of ${texts.join(', ')}`, (value) => typeof value === 'string' && texts.includes(value))
}

/** Either of two shapes; of a value that has neither, the second says what is wrong. */
export function either(first: Shape, second: Shape): Shape {
  return (value, path) => (first(value, path) === undefined ? undefined : second(value, path))
}

export function list(item: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} is ${shown(value)}, not a list`
    return firstProblem(value.map((member, i) => () => item(member, `${path}[${i}]`)))
  }
}

/** A list of a length. */
export function tuple(...items: readonly Shape[]): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} is ${shown(value)}, not a list`
    if (value.length !== items.length) return `${path} has ${value.length} items, not ${items.length}`
    return firstProblem(items.map((item, i) => () => item(value[i], `${path}[${i}]`)))
  }
}

/** An object whose keys are names, its members all of one shape. */
export function record(member: Shape): Shape {
  return (value, path) => {
    if (!isObject(value)) return `${path} is ${shown(value)}, not an object`
    return firstProblem(
      Object.entries(value).map(
        ([name, each]) =>
          () =>
            member(each, `${path}.${name}`),
      ),
    )
  }
}

/** An object with these members, the optional ones of which may be missing; others are not looked at. */
export function members(
  required: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape {
  return (value, path) => {
    if (!isObject(value)) return `${path} is ${shown(value)}, not an object`
    const member = (name: string) => (Object.hasOwn(value, name) ? value[name] : undefined)
    const at = (name: string) => (path === '' ? name : `${path}.${name}`)
    return firstProblem([
      ...Object.entries(required).map(([name, shape]) => () => {
        return member(name) === undefined ? `${at(name)} is missing` : shape(member(name), at(name))
      }),
      ...Object.entries(optional).map(([name, shape]) => () => {
        return member(name) === undefined ? undefined : shape(member(name), at(name))
      }),
    ])
  }
}

/** Whether a JSON value is an object, with members to look at. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function firstProblem(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const problem = check()
    if (problem !== undefined) return problem
  }
  return undefined
}

/** A value on one short line. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  const json = JSON.stringify(value)
  return json.length > 40 ? `${json.slice(0, 40)}…` : json
}
