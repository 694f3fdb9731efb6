import { fileURLToPath, pathToFileURL } from 'node:url'

/** The path of a document, as the compiler names files; the URI itself for a document that is no file. */
export function pathOfUri(uri: string): string {
  try {
    return fileURLToPath(uri)
  } catch {
    // `untitled:` and its like, and URIs that are none.
    return uri
  }
}

/** The URI of a path that {@link pathOfUri} gave. */
export function uriOfPath(path: string): string {
  return path.startsWith('/') ? pathToFileURL(path).href : path
}
