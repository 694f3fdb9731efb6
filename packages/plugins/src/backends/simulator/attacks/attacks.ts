import type { Attack } from './attack.ts'
import { CALL_ATTACKS } from './by-calls.ts'
import { MEMBER_ATTACKS } from './by-members.ts'
import { STRANGER_ATTACKS } from './by-strangers.ts'
import { HOST_ATTACKS } from './by-the-host.ts'

/** Every attack, by who makes it. */
export const ATTACKS: readonly Attack[] = [...MEMBER_ATTACKS, ...CALL_ATTACKS, ...STRANGER_ATTACKS, ...HOST_ATTACKS]
