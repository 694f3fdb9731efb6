import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** Packages that the tests of the monitor and of policies run. */
const PACKAGES = ['policy', 'hw-sim', 'rmm', 'verifier']

/** A copy of the monitor, its tests and what they import, which stays as it is while anybody works on the original. */
export class PrivateCopy {
  readonly root: string

  /** Copies from the repository at `origin`. Installed packages are linked, not copied. */
  constructor(origin: string) {
    this.root = mkdtempSync(join(tmpdir(), 'mica-mutation-'))
    // Without compiler options, too: they name packages that are not here, and only types would need them.
    const isSource = (path: string): boolean => !/^(dist|node_modules|\.turbo|tsconfig\.json)$/.test(basename(path))
    for (const name of ['package.json', 'vitest.shared.ts']) cpSync(join(origin, name), join(this.root, name))
    for (const name of PACKAGES) {
      const folder = join('packages', name)
      cpSync(join(origin, folder), join(this.root, folder), { recursive: true, filter: isSource })
    }
    const modules = join(this.root, 'node_modules')
    mkdirSync(join(modules, '@mica'), { recursive: true })
    for (const name of readdirSync(join(origin, 'node_modules'))) {
      if (name !== '@mica' && name !== '.vite') symlinkSync(join(origin, 'node_modules', name), join(modules, name))
    }
    for (const name of PACKAGES) symlinkSync(join(this.root, 'packages', name), join(modules, '@mica', name))
  }

  /** The path of a file below `packages`. */
  path(file: string): string {
    return join(this.root, 'packages', file)
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}
