import { GRANULE_SIZE } from '@mica/hw-sim'
import { hex } from '../conformance/trace/text.ts'
import { type Action, parseAction } from './action.ts'
import { CHANNELS, HALF, RAM } from './build-realm.ts'
import type { GuestVerb, HostVerb } from './scenario.ts'
import type { Stage, StageRealm } from './stage.ts'

/** MemAttr and S2AP of pages of the host's: to read and write, and only to read. */
const WINDOW_RIGHTS = [0xd8, 0x58] as const

/** Parts of a Realm whose granules a host tries to take while they are in use. */
const PARTS = ['', '.rec', '.table', '.middle', '.low', '.channels', '.ram', '.aux']

/** Every action of a scenario: each of its verbs with every argument that its world has. */
export function alphabetOf(stage: Stage): readonly Action[] {
  const { host, guests } = stage.scenario
  const names = new Names(stage)
  const texts = [
    ...host.flatMap((verb) => hostTexts(verb, names)),
    ...guests.flatMap((verb) => guestTexts(verb, names)),
  ]
  return texts.map((text) => {
    const action = parseAction(stage, text)
    if (action === undefined) throw new Error(`\`${text}\` is no action`)
    return action
  })
}

/** Everything that arguments can be. */
class Names {
  readonly stage: Stage
  readonly pool: readonly string[]
  readonly realms: readonly string[]
  readonly pages: readonly string[]
  readonly windows: readonly string[]

  constructor(stage: Stage) {
    const { realms, pages, windows = [] } = stage.scenario
    this.stage = stage
    this.pool = [...stage.names.keys()].filter((name) => name.length === 1)
    this.realms = realms.map(({ name }) => name)
    this.pages = pages.map((page) => hex(page * GRANULE_SIZE))
    this.windows = windows.map((page) => hex(HALF + page * GRANULE_SIZE))
  }

  /** Granules of Realms, by their names. */
  get parts(): string[] {
    return this.realms.flatMap((realm) => PARTS.map((part) => `${realm}${part}`))
  }
}

/** Every combination of arguments. */
function each(verb: string, ...choices: readonly (readonly string[])[]): readonly string[] {
  return choices.reduce<readonly string[]>(
    (texts, choice) => texts.flatMap((text) => choice.map((word) => `${text} ${word}`)),
    [verb],
  )
}

function hostTexts(verb: HostVerb, { pool, realms, pages, windows, parts, stage }: Names): readonly string[] {
  const ram = hex(RAM)
  switch (verb) {
    case 'RMI_GRANULE_DELEGATE':
      return each(verb, [...pool, 'window', ...realms])
    case 'RMI_GRANULE_UNDELEGATE':
      return each(verb, [...pool, 'sgt', ...parts])
    case 'RMI_SGT':
      return each(verb, [...pool, ...realms])
    case 'RMI_SGT_DESTROY':
      return each(verb, stage.scenario.bare === true ? pool : ['sgt', ...pool])
    case 'RMI_REALM_PD':
      return each(verb, realms, [...pool, 'window'])
    case 'RMI_DATA_CREATE_UNKNOWN_SHARED':
      return [
        ...each(verb, realms, pool, [...pages, ram]),
        ...each(verb, realms, [...realms, ...realms.map((realm) => `${realm}.ram`)], pages.slice(0, 1)),
      ]
    case 'RMI_DATA_DESTROY_SHARED':
    case 'RMI_DATA_DESTROY':
      return each(verb, realms, [...pages, ram])
    case 'RMI_DATA_CREATE':
      return each(`${verb}`, realms, pool, pages.slice(0, 1), ['window'], ['0x1'])
    case 'RMI_DATA_CREATE_UNKNOWN':
      return each(verb, realms, pool, [...pages, ram])
    case 'RMI_RTT_CREATE':
      return each(verb, realms, pool, [hex(CHANNELS)], ['0x3'])
    case 'RMI_RTT_DESTROY':
      return [...each(verb, realms, [hex(CHANNELS), ram], ['0x3']), ...each(verb, realms, [ram], ['0x2'])]
    case 'RMI_RTT_FOLD':
      return each(verb, realms, [hex(CHANNELS)], ['0x3'])
    case 'RMI_RTT_MAP_UNPROTECTED': {
      const window = stage.names.get('window')!
      return each(
        verb,
        realms,
        windows,
        ['0x3'],
        WINDOW_RIGHTS.map((rights) => hex(window + rights)),
      )
    }
    case 'RMI_RTT_UNMAP_UNPROTECTED':
      return each(verb, realms, windows, ['0x3'])
    case 'RMI_RTT_SET_RIPAS':
      return realms.flatMap((realm) =>
        pages.map((page) => `${verb} ${realm} ${realm}.rec ${page} ${hex(Number(page) + GRANULE_SIZE)}`),
      )
    case 'RMI_REC_DESTROY':
      return each(
        verb,
        realms.map((realm) => `${realm}.rec`),
      )
    case 'RMI_REALM_DESTROY':
    case 'REBUILD':
      return each(verb, realms)
  }
}

function guestTexts(verb: GuestVerb, { stage, pages }: Names): readonly string[] {
  return stage.realms.flatMap((realm) => each(`${realm.spec.name}: ${verb}`, ...choicesOf(verb, realm, pages)))
}

/** What one verb of a guest's may be about. */
function choicesOf(
  verb: GuestVerb,
  { policies }: StageRealm,
  pages: readonly string[],
): readonly (readonly string[])[] {
  switch (verb) {
    case 'UPLOAD':
      return [[...policies.keys()]]
    case 'LEAVE':
    case 'REJOIN':
    case 'REVOKE':
    case 'NOTIFY':
    case 'CREDIT': {
      const indices = [...policies.values()].flatMap(({ facts }) => facts.places.map(({ index }) => `${index}`))
      return [[...new Set(indices)]]
    }
    case 'READ':
    case 'WRITE':
    case 'DECLARE':
      return [pages]
    case 'ASK':
    case 'MEASURE':
      return []
  }
}
