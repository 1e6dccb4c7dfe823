/**
 * Converts half-precision numbers to float32. This is exact, because float32 has all their values. Input bytes are
 * little-endian, as in files.
 */

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. All 65,536 values are computed once: 256 KB. */
export function float16ToFloat32(bytes: Uint8Array, target: Float32Array): void {
  const table = float16Table();
  const halves = view(bytes);
  for (let index = 0; index < target.length; index++) target[index] = table[halves[index]!]!;
}

/**
 * The nearest binary16 of each number, ties to the even one; beyond the largest (65,504) an infinity. Little-endian
 * bytes.
 */
export function float32ToFloat16(values: Float32Array): Uint8Array {
  const halves = new Uint16Array(values.length);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let index = 0; index < bits.length; index++) halves[index] = halfBits(bits[index]!);
  return new Uint8Array(halves.buffer);
}

function halfBits(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const exponent = ((word >>> 23) & 0xff) - 127 + 15;
  const fraction = word & 0x7fffff;
  if (exponent - 15 === 128) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  if (exponent >= 0x1f) return sign | 0x7c00;
  // Below 2⁻¹⁴ the leading one is written out, and as many bits are lost as the exponent is too low.
  const lost = exponent > 0 ? 13 : 14 - exponent;
  if (lost > 24) return sign;
  const whole = exponent > 0 ? (exponent << 23) | fraction : fraction | 0x800000;
  const kept = whole >>> lost;
  const rest = whole & ((1 << lost) - 1);
  const half = 1 << (lost - 1);
  // A carry out of the fraction raises the exponent, as it should.
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}

/** bfloat16: the upper half of a float32. */
export function bfloat16ToFloat32(bytes: Uint8Array, target: Float32Array): void {
  const halves = view(bytes);
  const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
  for (let index = 0; index < bits.length; index++) bits[index] = halves[index]! << 16;
}

let table: Float32Array | undefined;

function float16Table(): Float32Array {
  if (table === undefined) {
    table = new Float32Array(65_536);
    for (let half = 0; half < 65_536; half++) table[half] = float16Value(half);
  }
  return table;
}

function float16Value(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function view(bytes: Uint8Array): Uint16Array {
  const aligned = bytes.byteOffset % Uint16Array.BYTES_PER_ELEMENT === 0 ? bytes : Uint8Array.from(bytes);
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / Uint16Array.BYTES_PER_ELEMENT);
}
