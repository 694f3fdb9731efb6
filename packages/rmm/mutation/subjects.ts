import { countTrusted } from '../tcb/count.ts'

/** What mistakes are made in, and which tests have to notice. */
export interface Subjects {
  /** The package, below `packages`. */
  readonly folder: string
  /** Folders of the tests, in that of the package. */
  readonly tests: readonly string[]
  /** Source files, below `packages`. */
  readonly files: readonly string[]
}

const [, extension, policy] = countTrusted()

/** The extension of the monitor. */
export const EXTENSION: Subjects = { folder: 'rmm', tests: ['test/mica', 'test/attacks'], files: extension!.files }

/** Those parts of the package of policies that the monitor runs. */
export const POLICY: Subjects = { folder: 'policy', tests: ['test'], files: policy!.files }
