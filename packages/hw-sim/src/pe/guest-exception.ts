/** What a PE throws into a guest for an exception that it takes; the names are part of the PE's interface. */
export const EXCEPTION_NAME = {
  sea: 'SynchronousExternalAbort',
  undefined: 'UndefinedInstruction',
  serror: 'SErrorInterrupt',
} as const

export type GuestException = keyof typeof EXCEPTION_NAME

const MESSAGE: Record<GuestException, string> = {
  sea: 'the access was answered with a synchronous external abort',
  undefined: 'the instruction is undefined',
  serror: 'an earlier access went wrong: SError',
}

/**
 * The error of an exception. A plain `Error` with a name of its own: guests tell it by `error.name`, across any boundary
 * that copies errors.
 */
export function exceptionError(exception: GuestException): Error {
  const error = new Error(MESSAGE[exception])
  error.name = EXCEPTION_NAME[exception]
  return error
}

const NAMES: ReadonlySet<string> = new Set(Object.values(EXCEPTION_NAME))

/** Whether a guest failed to handle an exception of its PE, rather than in its own code. */
export function isExceptionError(error: unknown): boolean {
  return error instanceof Error && NAMES.has(error.name)
}
