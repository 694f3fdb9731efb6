import { readFileSync } from 'node:fs'
import { type Clip, readAvi } from '../../video-moderation/realms/avi.ts'
import type { Image } from '../../video-moderation/realms/image.ts'
import { decodeJpeg } from '../../video-moderation/realms/jpeg.ts'

/** The clip that the demo plays, as bytes. */
export const clipBytes: Uint8Array = new Uint8Array(
  readFileSync(new URL('../../video-moderation/clip.avi', import.meta.url)),
)

/** The frames of the clip by what they show. */
export const SCENES = { coffee: [0, 24], astronaut: [24, 72], rocket: [72, 96], galaxies: [96, 120] } as const

/** Reads a clip that is known to be good. */
export function goodClip(bytes: Uint8Array): Clip {
  const clip = readAvi(bytes)
  if (clip.kind === 'refused') throw new Error(clip.reason)
  return clip
}

/** Decodes a JPEG that is known to be good. */
export function goodImage(jpeg: Uint8Array): Image {
  const decoded = decodeJpeg(jpeg)
  if (decoded.kind === 'refused') throw new Error(decoded.reason)
  return decoded.image
}

/** An opaque image whose pixels are what `pixel` says, as red, green and blue. */
export function paint(width: number, height: number, pixel: (x: number, y: number) => readonly number[]): Image {
  const data = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([...pixel(x, y), 255], (y * width + x) * 4)
  }
  return { width, height, data }
}
