/**
 * The optimizer's passes over parameters, in AssemblyScript: `npm run build` compiles them to `optimizer.wasm`.
 *
 * All pointers are byte offsets into one imported memory, and all lengths count float32 elements. Nothing is allocated
 * here. Memory traffic bounds each function, so each makes one pass. Every operation is a plain IEEE one (no fused
 * multiply-add, no relaxed SIMD): the same input gives the same bytes on every processor.
 */

/**
 * Σ x², in double precision: a float32 sum over 10⁷ squares would lose three of its seven digits.
 * Four partial sums keep the adders busy; element i goes to sum ⌊i mod 8 / 2⌋, so the order is fixed by n alone.
 */
function sumOfSquares(x: usize, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  const whole = n & ~7;
  for (let i: i32 = 0; i < whole; i += 8, x += 32) {
    const low = v128.load(x);
    const high = v128.load(x, 16);
    const x01 = f64x2.promote_low_f32x4(low);
    const x23 = f64x2.promote_low_f32x4(i8x16.shuffle(low, low, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    const x45 = f64x2.promote_low_f32x4(high);
    const x67 = f64x2.promote_low_f32x4(
      i8x16.shuffle(high, high, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
    );
    a = f64x2.add(a, f64x2.mul(x01, x01));
    b = f64x2.add(b, f64x2.mul(x23, x23));
    c = f64x2.add(c, f64x2.mul(x45, x45));
    d = f64x2.add(d, f64x2.mul(x67, x67));
  }
  const sums = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let total = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (let i = whole; i < n; i++, x += 4) {
    const value = <f64>load<f32>(x);
    total += value * value;
  }
  return total;
}

/**
 * One AdamW update in place. The gradient is scaled when it is read, and zeroed afterwards. The order of operations is
 * that of tests/numerics/optim/adamw-reference.ts and of PyTorch's fused kernel
 * (aten/src/ATen/native/cpu/FusedAdamKernel.cpp).
 */
export function adamw(
  parameter: usize,
  gradient: usize,
  m: usize,
  v: usize,
  n: i32,
  gradientScale: f32,
  decayFactor: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  stepSize: f32,
  secondMomentCorrection: f32,
  epsilon: f32,
): void {
  const scale = f32x4.splat(gradientScale);
  const decay = f32x4.splat(decayFactor);
  const towardsGradient = f32x4.splat(oneMinusBeta1);
  const keepSquare = f32x4.splat(beta2);
  const takeSquare = f32x4.splat(oneMinusBeta2);
  const step = f32x4.splat(stepSize);
  const correction = f32x4.splat(secondMomentCorrection);
  const eps = f32x4.splat(epsilon);
  const zero = f32x4.splat(0);
  const whole = n & ~3;
  for (let i: i32 = 0; i < whole; i += 4) {
    const g = f32x4.mul(v128.load(gradient), scale);
    v128.store(gradient, zero);
    const oldM = v128.load(m);
    const newM = f32x4.add(oldM, f32x4.mul(towardsGradient, f32x4.sub(g, oldM)));
    v128.store(m, newM);
    const newV = f32x4.add(f32x4.mul(v128.load(v), keepSquare), f32x4.mul(f32x4.mul(takeSquare, g), g));
    v128.store(v, newV);
    const denominator = f32x4.add(f32x4.div(f32x4.sqrt(newV), correction), eps);
    const decayed = f32x4.mul(v128.load(parameter), decay);
    v128.store(parameter, f32x4.sub(decayed, f32x4.div(f32x4.mul(step, newM), denominator)));
    parameter += 16;
    gradient += 16;
    m += 16;
    v += 16;
  }
  for (let i = whole; i < n; i++) {
    const g = load<f32>(gradient) * gradientScale;
    store<f32>(gradient, 0);
    const oldM = load<f32>(m);
    const newM = oldM + oneMinusBeta1 * (g - oldM);
    store<f32>(m, newM);
    const newV = load<f32>(v) * beta2 + oneMinusBeta2 * g * g;
    store<f32>(v, newV);
    const denominator = sqrt<f32>(newV) / secondMomentCorrection + epsilon;
    store<f32>(parameter, load<f32>(parameter) * decayFactor - (stepSize * newM) / denominator);
    parameter += 4;
    gradient += 4;
    m += 4;
    v += 4;
  }
}

/**
 * Σ x² over a matrix [rows, width]: the rows' sums, added in order. A row of zeros adds exactly nothing, so leaving out
 * rows known to be zero gives the same bytes.
 */
export function sumOfSquaresByRows(x: usize, rows: i32, width: i32): f64 {
  let total: f64 = 0;
  for (let row: i32 = 0; row < rows; row++, x += (<usize>width) << 2) total += sumOfSquares(x, width);
  return total;
}

/** x ← factor · x: the whole AdamW update of a row whose gradient has always been zero. */
export function scale(x: usize, n: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  const whole = n & ~3;
  for (let i: i32 = 0; i < whole; i += 4, x += 16) v128.store(x, f32x4.mul(v128.load(x), factors));
  for (let i = whole; i < n; i++, x += 4) store<f32>(x, load<f32>(x) * factor);
}
