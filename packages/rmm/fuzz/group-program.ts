import { alphabetOf } from '../explorer/alphabet.ts'
import { GROUP_COURSE } from '../explorer/scenarios/group.ts'
import type { Trial } from '../explorer/trial.ts'
import { type Chooser, once, pick } from './chooser.ts'

/** Actions between two that belong to the course, at most. */
const MOST_BETWEEN = 3

/** Numbers that an argument may be instead of the one that makes sense. */
const NUMBERS = [
  '0x0',
  '0x1000',
  '0x200000',
  '0x3ff000',
  '0x80010000',
  '0x7ffff000',
  '0xfffffffff000',
  '0x1',
  '0x200001',
]

/**
 * Makes programs for a group: what its members and a host do when all goes well, of which things are left out, done twice,
 * or done late, and between any two of which anything may be done by anybody.
 */
export class GroupPrograms {
  readonly #host: readonly string[]
  readonly #guests: readonly string[]
  readonly #names: readonly string[]

  constructor({ stage }: Trial) {
    const texts = alphabetOf(stage).map(({ text }) => text)
    this.#host = texts.filter((text) => !text.includes(': '))
    this.#guests = texts.filter((text) => text.includes(': '))
    this.#names = [...stage.names.keys()]
  }

  make(chooser: Chooser): readonly string[] {
    const course = [...GROUP_COURSE]
    for (let swaps = chooser.below(4); swaps > 0; swaps--) {
      const [from, to] = [chooser.below(course.length), chooser.below(course.length)]
      course.splice(to, 0, ...course.splice(from, 1))
    }
    const end = chooser.below(4) === 0 ? chooser.below(course.length) : course.length
    return course.slice(0, end).flatMap((action) => {
      const times = once(chooser, 16) ? 2 * chooser.below(2) : 1
      const between = Array.from({ length: chooser.below(MOST_BETWEEN + 1) * chooser.below(2) }, () =>
        this.#any(chooser),
      )
      return [...Array.from({ length: times }, () => action), ...between]
    })
  }

  #any(chooser: Chooser): string {
    if (chooser.below(2) === 0) return this.#hostCall(chooser)
    const first = pick(chooser, this.#guests)
    const name = first.slice(0, first.indexOf(':'))
    const own = this.#guests.filter((text) => text.startsWith(`${name}: `)).map((text) => text.slice(name.length + 2))
    const more = Array.from({ length: chooser.below(3) }, () => {
      // Another PE calls while the guest runs.
      return once(chooser, 3) ? this.#call(chooser) : pick(chooser, own)
    })
    return [first, ...more].join('; ')
  }

  #hostCall(chooser: Chooser): string {
    return once(chooser, 24) ? pick(chooser, this.#host) : this.#call(chooser)
  }

  /** A call of the host's whose arguments mostly make sense. */
  #call(chooser: Chooser): string {
    const text = pick(
      chooser,
      this.#host.filter((each) => each.startsWith('RMI_')),
    )
    if (!once(chooser, 12)) return text
    const words = text.split(' ')
    words[1 + chooser.below(words.length - 1)] = pick(chooser, once(chooser, 2) ? NUMBERS : this.#names)
    return words.join(' ')
  }
}
