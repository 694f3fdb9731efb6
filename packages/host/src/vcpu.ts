import type { PhysicalAddress } from '@mica/hw-sim'

/** A virtual CPU as the host knows it. */
export interface Vcpu {
  /** Descriptor of its Realm: of several virtual CPUs that one Realm has, the first is the first REC created. */
  readonly rd: PhysicalAddress
  readonly rec: PhysicalAddress
  readonly run: PhysicalAddress
}

/** What one entry of a REC came to. */
export type VcpuState =
  /** It can be entered again. */
  | 'runnable'
  /** It is off, or its Realm is. */
  | 'off'
  /** It exited for something that this host does not provide; entering it again would exit the same way. */
  | 'stuck'
