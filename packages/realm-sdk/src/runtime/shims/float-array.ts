/**
 * `Float32Array` and `Float64Array` for libraries inside a Realm, whose global scope withholds them.
 *
 * Enough to convert between a few numbers and their bytes, which is what codecs use them for: fixed length, indexed
 * access and `buffer`. Slow, and not for arrays of data. Put in the place of the globals by the build of an image.
 */
interface FloatArrayLike {
  readonly buffer: ArrayBuffer
  readonly length: number
  [index: number]: number
}
type FloatArrayConstructor = new (length: number) => FloatArrayLike

type Read = (view: DataView, offset: number) => number
type Write = (view: DataView, offset: number, value: number) => void

function floatArray(bytes: number, read: Read, write: Write): FloatArrayConstructor {
  class FloatArray {
    constructor(length: number) {
      const buffer = new ArrayBuffer(length * bytes)
      const view = new DataView(buffer)
      const fields: object = { buffer, byteLength: length * bytes, byteOffset: 0, length }
      const indexOf = (key: string | symbol): number => {
        const index = typeof key === 'string' ? Number(key) : Number.NaN
        return Number.isInteger(index) && index >= 0 && index < length ? index : -1
      }
      // biome-ignore lint/correctness/noConstructorReturn: indexed access needs a proxy in place of the instance.
      return new Proxy(this, {
        get: (_, key) => (indexOf(key) < 0 ? Reflect.get(fields, key) : read(view, indexOf(key) * bytes)),
        set(_, key, value) {
          if (indexOf(key) >= 0) write(view, indexOf(key) * bytes, Number(value))
          return true
        },
      })
    }
  }
  return FloatArray as unknown as FloatArrayConstructor
}

const Single: FloatArrayConstructor = /* @__PURE__ */ floatArray(
  4,
  (view, offset) => view.getFloat32(offset, true),
  (view, offset, value) => view.setFloat32(offset, value, true),
)
const Double: FloatArrayConstructor = /* @__PURE__ */ floatArray(
  8,
  (view, offset) => view.getFloat64(offset, true),
  (view, offset, value) => view.setFloat64(offset, value, true),
)

export { Double as Float64Array, Single as Float32Array }
