/** SMCCC_VERSION (Arm DEN0028): the one general service of the calling convention that a Realm is answered. */
export const SMCCC_VERSION = 0x8000_0000n

/** What it answers: 1.2. */
export const SMCCC_VERSION_1_2 = 0x1_0002n
