import type { RmiRecEnter } from '../abi/index.ts'
import type { Platform } from '../platform.ts'

/** Bits of ICH_HCR_EL2 that the host may set: 1 to 7 and 14. */
const HCR_ALLOWED = 0x40fen

/** Fields of ICH_LR<n>_EL2. */
const LR_STATE = 3n << 62n
const LR_HW = 1n << 61n
const LR_EOI = 1n << 41n
const LR_PINTID = 0x1fffn << 32n
const LR_VINTID = 0xffff_ffffn

/**
 * Whether the virtual interrupts that a host asks for are such as it may give. Registers beyond the implemented ones
 * are ignored, as are registers that hold no interrupt.
 */
export function acceptableInterrupts(enter: RmiRecEnter, platform: Platform): boolean {
  if ((enter.gicv3_hcr & ~HCR_ALLOWED) !== 0n) return false
  const seen = new Set<bigint>()
  for (const register of enter.gicv3_lrs.slice(0, platform.listRegisters)) {
    if ((register & LR_STATE) === 0n) continue
    const intid = register & LR_VINTID
    if (!acceptableRegister(register, platform) || !isVirtualIntid(intid) || seen.has(intid)) return false
    seen.add(intid)
  }
  return true
}

/** No hardware interrupt, nothing in pINTID but EOI, and no priority bit that is not implemented. */
function acceptableRegister(register: bigint, platform: Platform): boolean {
  if ((register & LR_HW) !== 0n || (register & LR_PINTID & ~LR_EOI) !== 0n) return false
  const unimplemented = (1n << BigInt(8 - platform.priorityBits)) - 1n
  return ((register >> 48n) & unimplemented) === 0n
}

/** SGIs, PPIs and SPIs, or LPIs; not the reserved numbers between. */
function isVirtualIntid(intid: bigint): boolean {
  return intid < 1020n || (intid >= 8192n && intid < 65536n)
}
