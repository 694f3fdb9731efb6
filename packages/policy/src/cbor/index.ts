export {
  type CborDecodeOptions,
  type CborDecoding,
  type CborMalformation,
  decodeCbor,
} from './decode.ts'
export { encodeCbor, encodeCborInGivenOrder } from './encode.ts'
export { decodeUtf8, encodeUtf8 } from './utf8.ts'
export { type CborKey, type CborTagged, type CborValue, compareBytes, equalBytes } from './value.ts'
