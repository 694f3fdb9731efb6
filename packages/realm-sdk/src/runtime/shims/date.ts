/**
 * `Date` for libraries inside a Realm. There is no clock: the current time is always the epoch.
 *
 * Put in the place of the global by the build of an image, where something bundled names it.
 */
const LanguageDate: DateConstructor = globalThis.Date

class TimelessDate extends LanguageDate {
  constructor(...parts: readonly unknown[]) {
    if (parts.length === 0) super(0)
    // The constructor's overloads cannot be spread into; it sorts its arguments out itself.
    else super(...(parts as [number]))
  }

  static override now(): number {
    return 0
  }
}

export { TimelessDate as Date }
