import { pictureOf, printDot } from '@mica/dsl'
import type { Workflow } from '@mica/policy'
import { instance } from '@viz-js/viz'

/** Fonts of the widths that the layout was made for. */
const FONTS = 'Arial, Liberation Sans, Helvetica, sans-serif'

/** The picture of a workflow as SVG, with a title and a description for whoever does not see it. */
export async function renderSvg(workflow: Workflow): Promise<string> {
  const { title, description } = pictureOf(workflow)
  const viz = await instance()
  const drawn = viz.renderString(printDot(workflow), { format: 'svg' })
  const named = [
    'role="img" aria-labelledby="mica-title mica-description"',
    `<title id="mica-title">${escaped(title)}</title>`,
    `<desc id="mica-description">${escaped(description)}</desc>`,
  ]
  return (
    drawn
      // The version of the renderer is no part of the picture.
      .replace(/<!--[\s\S]*?-->\s*/g, '')
      .replace(/<svg ([^>]*)>/, (_, attributes: string) => `<svg ${attributes} ${named[0]}>\n${named[1]}\n${named[2]}`)
      .replaceAll('font-family="Arial"', `font-family="${FONTS}"`)
  )
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`)
}
