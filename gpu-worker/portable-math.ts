/**
 * Functions in whose last digits the versions of V8 differ, and with them a training on one Node from the same on
 * another. These are compositions of IEEE 754's basic operations, which are the same on all of them: FreeBSD's and
 * Cephes' algorithms as @stdlib has them, within 1 ulp. Whatever decides the bytes of a training takes them in place of
 * `Math`'s; of that, `Math.sqrt`, `Math.abs` and what rounds are exact and stay.
 */
export { default as cos } from '@stdlib/math-base-special-cos';
export { default as exp } from '@stdlib/math-base-special-exp';
export { default as ln } from '@stdlib/math-base-special-ln';
export { default as log1p } from '@stdlib/math-base-special-log1p';
export { default as pow } from '@stdlib/math-base-special-pow';
