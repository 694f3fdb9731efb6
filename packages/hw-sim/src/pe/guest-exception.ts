/** What a PE throws into a guest for an exception the monitor injects; the names are part of the PE's interface. */
export const EXCEPTION_NAME = { sea: 'SynchronousExternalAbort', undefined: 'UndefinedInstruction' } as const

export type InjectedException = keyof typeof EXCEPTION_NAME

const MESSAGE: Record<InjectedException, string> = {
  sea: 'the access was answered with a synchronous external abort',
  undefined: 'the instruction is undefined',
}

/**
 * The error of an injected exception. A plain `Error` with a name of its own: guests tell it by `error.name`, across
 * any boundary that copies errors.
 */
export function injectedError(exception: InjectedException): Error {
  const error = new Error(MESSAGE[exception])
  error.name = EXCEPTION_NAME[exception]
  return error
}

/** Whether a guest failed to handle an exception that was injected into it, rather than in its own code. */
export function isInjectedError(error: unknown): boolean {
  return error instanceof Error && (error.name === EXCEPTION_NAME.sea || error.name === EXCEPTION_NAME.undefined)
}
