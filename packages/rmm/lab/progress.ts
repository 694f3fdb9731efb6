/** Milliseconds between two lines of progress. */
const EVERY = 2000

/**
 * Says how far long work has come: a line every two seconds, however often it is told, and none of work that is quick.
 *
 * @param now A clock, in milliseconds.
 * @returns Takes note of progress; the line is only made when it is said.
 */
export function progressReport(
  say: (line: string) => void,
  now: () => number = () => performance.now(),
): (line: () => string) => void {
  let next = now() + EVERY
  return (line) => {
    if (now() < next) return
    next = now() + EVERY
    say(line())
  }
}
