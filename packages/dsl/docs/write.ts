import { writeFileSync } from 'node:fs'
import { diagnosticsOf, folder, indexOf, pages, withMessage } from './page.ts'

// What follows from the sources is written into the pages; whoever changes a message runs this.
const all = pages()
for (const page of all) {
  writeFileSync(new URL(`${page.code}.md`, folder), withMessage(page, diagnosticsOf(page.wrong)))
}
writeFileSync(new URL('README.md', folder), indexOf(all))
