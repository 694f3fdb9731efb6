import { type Logger, pino, stdTimeFunctions } from 'pino'

export type { Logger }

/** Where log lines go: one JSON object each. */
export interface LogSink {
  write(line: string): void
}

/** The levels that a service can be told to log from. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/**
 * A structured log. What goes in is chosen field by field where it is written: ids, routes, verdicts, digests; never
 * secrets, tokens of operators, nonces, or evidence.
 */
export function openLog(level: LogLevel, sink: LogSink): Logger {
  return pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    sink,
  )
}
