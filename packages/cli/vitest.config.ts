import { mergeConfig } from 'vitest/config'
import { project } from '../../vitest.shared.ts'

// Whole runs and real processes: seconds on a quiet machine, and many more on a busy one.
export default mergeConfig(project('@mica/cli'), { test: { testTimeout: 60_000, hookTimeout: 60_000 } })
