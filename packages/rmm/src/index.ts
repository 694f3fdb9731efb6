export { InvariantError } from './invariant.ts'
export { DEFAULT_MICA_LIMITS, type MicaLimits } from './mica/limits.ts'
export { DEFAULT_PLATFORM, type Platform } from './platform.ts'
export { Rmm, type RmmOptions } from './rmm.ts'
