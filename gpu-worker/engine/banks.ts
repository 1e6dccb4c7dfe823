import { EngineError } from './errors.js';
import type { ParameterSpec } from './types.js';

export const bytesPerPage = 65_536;
/** The most bytes that one WebAssembly memory with 32-bit addresses holds. */
const maxBytesPerBank = 65_536 * bytesPerPage;

/** Byte offsets of a trainable parameter's four arrays. All four lie in one memory, because a kernel sees only one. */
export interface Placement {
  readonly bank: number;
  readonly length: number;
  readonly value: number;
  readonly gradient: number;
  readonly m: number;
  readonly v: number;
}

export interface BankPlan {
  readonly placements: ReadonlyMap<string, Placement>;
  /** Size of each memory, in bytes, whole pages. */
  readonly bankBytes: readonly number[];
}

/** The size of a cache line: no two arrays share one. */
const alignment = 64;

/**
 * Places the trainable parameters' arrays into as few memories as their order allows. Sizes are fixed here once,
 * because growing a memory would detach every view of it.
 *
 * @throws EngineError INVALID_PARAMETERS when one parameter is larger than a memory
 */
export function planBanks(specs: readonly ParameterSpec[], maxBytes: number = maxBytesPerBank): BankPlan {
  const placements = new Map<string, Placement>();
  const bankBytes: number[] = [];
  let used = 0;
  for (const spec of specs) {
    if (!spec.trainable) continue;
    const length = elementCount(spec.shape);
    const stride = Math.ceil((length * 4) / alignment) * alignment;
    const needed = 4 * stride;
    if (needed > maxBytes) {
      throw new EngineError(
        'INVALID_PARAMETERS',
        `Parameter ${spec.name} [${spec.shape.join(',')}] is too large to train: its values, gradient and two moments take ` +
          `${gigabytes(needed)} and must fit one memory of ${gigabytes(maxBytes)}. Freeze it or train an adapter on it.`,
      );
    }
    if (bankBytes.length === 0 || used + needed > maxBytes) {
      bankBytes.push(0);
      used = 0;
    }
    placements.set(spec.name, {
      bank: bankBytes.length - 1,
      length,
      value: used,
      gradient: used + stride,
      m: used + 2 * stride,
      v: used + 3 * stride,
    });
    used += needed;
    bankBytes[bankBytes.length - 1] = Math.ceil(used / bytesPerPage) * bytesPerPage;
  }
  return { placements, bankBytes };
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
