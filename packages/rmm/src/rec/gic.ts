import { EC, type Guest, ICH_HCR, LIST_REGISTER, SYSREG, type SystemRegisters } from '@mica/hw-sim'
import type { RmiRecEnter, RmiRecExit } from '../abi/index.ts'
import type { Monitor } from '../monitor.ts'
import type { Platform } from '../platform.ts'
import type { Rec } from './rec.ts'

/** Bits of ICH_HCR_EL2 that the host may set: 1 to 7 and 14. */
const HCR_OF_HOST = 0x40fen

/**
 * Whether the virtual interrupts that a host asks for are such as it may give. Registers beyond the implemented ones
 * are ignored, as are registers that hold no interrupt.
 */
export function acceptableInterrupts(enter: RmiRecEnter, platform: Platform): boolean {
  if ((enter.gicv3_hcr & ~HCR_OF_HOST) !== 0n) return false
  const seen = new Set<bigint>()
  for (const register of enter.gicv3_lrs.slice(0, platform.listRegisters)) {
    if ((register & LIST_REGISTER.state) === 0n) continue
    const intid = register & LIST_REGISTER.virtual
    if (!acceptableRegister(register, platform) || !isVirtualIntid(intid, platform) || seen.has(intid)) return false
    seen.add(intid)
  }
  return true
}

/** No hardware interrupt, nothing in pINTID but EOI, and no priority bit that is not implemented. */
function acceptableRegister(register: bigint, platform: Platform): boolean {
  if ((register & LIST_REGISTER.hardware) !== 0n) return false
  if ((register & LIST_REGISTER.physical & ~LIST_REGISTER.maintenanceOnEnd) !== 0n) return false
  const unimplemented = (1n << BigInt(8 - platform.priorityBits)) - 1n
  return ((register >> LIST_REGISTER.priorityPosition) & unimplemented) === 0n
}

/** Extended PPIs and SPIs. */
const EXTENDED_INTIDS = [
  [1056n, 1119n],
  [4096n, 5119n],
] as const

/** SGIs, PPIs and SPIs, or LPIs; not the reserved numbers between. */
function isVirtualIntid(intid: bigint, { intidBits, extendedIntids }: Platform): boolean {
  if (intid < 1020n || (intid >= 8192n && intid < 1n << BigInt(intidBits))) return true
  return extendedIntids && EXTENDED_INTIDS.some(([first, last]) => intid >= first && intid <= last)
}

/**
 * The trap of ICC_DIR_EL1, if the exit that it leads to is not the host's to see: the guest would find its instruction
 * undefined, or without effect, when the host likes.
 */
function withheldTraps({ realm }: Rec): bigint {
  const action = realm.policy?.transition('exception', EC.sysreg).action ?? 'allow'
  return action === 'allow' ? 0n : ICH_HCR.trapDeactivate
}

/**
 * Puts the host's virtual interrupts into the PE's interface. Others that were there go: the host has seen them. After
 * an exit that did not show it what became of them, a register that it leaves as it was keeps its true state.
 */
export function giveInterrupts({ firmware, platform }: Monitor, rec: Rec, guest: Guest, enter: RmiRecEnter): void {
  const { system } = guest
  const unseen = rec.unseenInterrupts
  // The recorded firmware goes on counting: a host that wants to be told of ends without a register is told for ever.
  const ended = firmware === undefined ? 0n : system[SYSREG.ICH_HCR_EL2]! & ICH_HCR.endCount
  system[SYSREG.ICH_HCR_EL2] = ICH_HCR.enable | ended | (enter.gicv3_hcr & ~withheldTraps(rec))
  for (let index = 0; index < platform.listRegisters; index++) {
    const given = enter.gicv3_lrs[index] ?? 0n
    if (given !== unseen?.[index]) system[SYSREG.ICH_LR0_EL2 + index] = given
  }
}

/** What the host sees of the interface at an exit. */
export function interruptsOf(
  system: SystemRegisters,
  { listRegisters }: Platform,
): Pick<RmiRecExit, 'gicv3_hcr' | 'gicv3_lrs' | 'gicv3_misr' | 'gicv3_vmcr'> {
  return {
    gicv3_hcr: system[SYSREG.ICH_HCR_EL2]! & (ICH_HCR.endCount | HCR_OF_HOST),
    gicv3_lrs: Array.from(system.subarray(SYSREG.ICH_LR0_EL2, SYSREG.ICH_LR0_EL2 + listRegisters)),
    gicv3_misr: system[SYSREG.ICH_MISR_EL2]!,
    gicv3_vmcr: system[SYSREG.ICH_VMCR_EL2]!,
  }
}
