/**
 * The signatures of MinHash, in AssemblyScript: `npm run build` compiles them to `min-hash.wasm`. All pointers are byte
 * offsets into one imported memory.
 */

/**
 * For each permutation p, minimum[p] ← min(minimum[p], (factor[p] · h + term[p]) mod 2³²) over the hashes h, unsigned.
 * The number of permutations is a multiple of 16: so many are computed at once, each four in one register.
 */
export function sign(
  hashes: usize,
  count: i32,
  factors: usize,
  terms: usize,
  minimums: usize,
  permutations: i32,
): void {
  const end = hashes + ((<usize>count) << 2);
  for (let p: i32 = 0; p < permutations; p += 16, factors += 64, terms += 64, minimums += 64) {
    const factor0 = v128.load(factors);
    const factor1 = v128.load(factors, 16);
    const factor2 = v128.load(factors, 32);
    const factor3 = v128.load(factors, 48);
    const term0 = v128.load(terms);
    const term1 = v128.load(terms, 16);
    const term2 = v128.load(terms, 32);
    const term3 = v128.load(terms, 48);
    let minimum0 = v128.load(minimums);
    let minimum1 = v128.load(minimums, 16);
    let minimum2 = v128.load(minimums, 32);
    let minimum3 = v128.load(minimums, 48);
    for (let at = hashes; at < end; at += 4) {
      const hash = v128.load32_splat(at);
      minimum0 = i32x4.min_u(minimum0, i32x4.add(i32x4.mul(factor0, hash), term0));
      minimum1 = i32x4.min_u(minimum1, i32x4.add(i32x4.mul(factor1, hash), term1));
      minimum2 = i32x4.min_u(minimum2, i32x4.add(i32x4.mul(factor2, hash), term2));
      minimum3 = i32x4.min_u(minimum3, i32x4.add(i32x4.mul(factor3, hash), term3));
    }
    v128.store(minimums, minimum0);
    v128.store(minimums, minimum1, 16);
    v128.store(minimums, minimum2, 32);
    v128.store(minimums, minimum3, 48);
  }
}
