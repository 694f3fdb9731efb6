import { cbor } from '@mica/realm-sdk'
import { attestationToken, instructions } from '@mica/realm-sdk/runtime'

/** A realm without the boot code: checks that what libraries expect of an environment is there, then powers off. */
function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

const message = { numbers: [1, 1.5, -7, 2 ** 40], bytes: Uint8Array.of(1, 2, 3), text: 'é', nothing: null }
const decoded = cbor.decode(cbor.encode(message))?.value
check(JSON.stringify(decoded) === JSON.stringify(message), 'cbor does not give back what it took')
check(cbor.decode(Uint8Array.of(0xa1, 0x61)) === undefined, 'cbor takes a truncated message')
check(cbor.decode(new Uint8Array(100_000).fill(0x81)) === undefined, 'cbor takes nesting without end')
check(new Date().getFullYear() === 1970 && Date.now() === 0, 'there is a clock')
check(new Date(5).getTime() === 5, 'a date that is given is not kept')
check(Buffer.from([1, 2]).length === 2 && Buffer.alloc(3).length === 3, 'bytes cannot be made')
const floats = new Float32Array(1)
floats[0] = 0.5
check(new Uint8Array(floats.buffer)[3] === 0x3f && floats[0] === 0.5, 'floats have no bytes')

// Tag 399 and an array or map: a CCA token, put together from several granules if it is long.
const token = attestationToken(instructions(), new Uint8Array(64).fill(1))
check(token[0] === 0xd9 && token[1] === 0x01 && token[2] === 0x8f && token.length > 1000, 'there is no CCA token')

export default () => {
  instructions().smc([0x8400_0008n])
}
