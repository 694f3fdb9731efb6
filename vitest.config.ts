import { defineConfig } from 'vitest/config'
import { project } from './vitest.shared.ts'

const docs = project('docs')

export default defineConfig({
  test: {
    // By default a machine with two cores would run one file at a time.
    maxWorkers: '100%',
    projects: [
      'packages/*/vitest.config.ts',
      'apps/*/vitest.config.ts',
      { test: { name: 'architecture', include: ['architecture.test.ts'] } },
      { ...docs, test: { ...docs.test, include: ['docs.test.ts'] } },
    ],
  },
})
