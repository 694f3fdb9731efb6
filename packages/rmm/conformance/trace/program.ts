import { fromHex } from './text.ts'

/** One thing that a recorded guest does, or that happens while it runs. */
export type TraceAction =
  /** Sets registers from x0 on, the others stay, and executes SMC. */
  | { readonly do: 'smc'; readonly x: readonly bigint[] }
  | { readonly do: 'sync'; readonly esr: bigint; readonly far: bigint; readonly hpfar: bigint }
  | { readonly do: 'irq' | 'fiq' }
  | { readonly do: 'serror'; readonly esr: bigint }
  | { readonly do: 'set'; readonly register: number; readonly value: bigint }
  | { readonly do: 'sysreg'; readonly name: string; readonly value: bigint }
  /** Another PE calls the monitor. */
  | { readonly do: 'rmi'; readonly x: readonly bigint[] }
  | { readonly do: 'wpa'; readonly address: number; readonly bytes: Uint8Array }
  | { readonly do: 'pasfault'; readonly address: number; readonly fault: boolean }

/** What a program that is used up goes on with. */
export const LAST_ACTION: TraceAction = { do: 'fiq' }

const WORD = /^(0x[0-9a-f]{1,16}|\d{1,19})$/i
const REGISTERS = 31

/** Reads one line of a program; `undefined` if it is none. */
export function parseAction(line: string): TraceAction | undefined {
  const [action, ...words] = line.split(' ')
  if (action === 'sysreg') {
    const [name, value] = words
    return name !== undefined && isWord(value) ? { do: action, name, value: BigInt(value) } : undefined
  }
  if (action === 'wpa') {
    const [address, hex = ''] = words
    if (!isWord(address) || !/^([0-9a-f]{2})*$/i.test(hex)) return undefined
    return { do: action, address: Number(address), bytes: fromHex(hex) }
  }
  if (words.length > REGISTERS || !words.every(isWord)) return undefined
  const values = words.map(BigInt)
  switch (action) {
    case 'irq':
    case 'fiq':
      return { do: action }
    case 'smc':
    case 'rmi':
      return { do: action, x: values }
    case 'sync': {
      const [esr, far = 0n, hpfar = 0n] = values
      return esr === undefined ? undefined : { do: action, esr, far, hpfar }
    }
    case 'serror':
      return values[0] === undefined ? undefined : { do: action, esr: values[0] }
    case 'set': {
      const [register, value] = values
      if (register === undefined || value === undefined || register >= REGISTERS) return undefined
      return { do: action, register: Number(register), value }
    }
    case 'pasfault':
      return values[0] === undefined ? undefined : { do: action, address: Number(values[0]), fault: values[1] === 1n }
    default:
      return undefined
  }
}

function isWord(word: string | undefined): word is string {
  return word !== undefined && WORD.test(word)
}
