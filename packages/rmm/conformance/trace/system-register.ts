import { LIST_REGISTER_COUNT, SYSREG, type SystemRegister } from '@mica/hw-sim'

/**
 * The place of a system register that a recording names, or `undefined` if the monitor does not look at it. Names end in
 * `_el12` or `_el02` where the monitor has one of its own that is called like the guest's.
 */
export function placeOfSystemRegister(name: string): number | undefined {
  const own = name
    .toUpperCase()
    .replace(/_EL12$/, '_EL1')
    .replace(/_EL02$/, '_EL0')
  const list = /^ICH_LR(\d+)_EL2$/.exec(own)
  if (list !== null && Number(list[1]) < LIST_REGISTER_COUNT) return SYSREG.ICH_LR0_EL2 + Number(list[1])
  return isSystemRegister(own) ? SYSREG[own] : undefined
}

function isSystemRegister(name: string): name is SystemRegister {
  return Object.hasOwn(SYSREG, name)
}
