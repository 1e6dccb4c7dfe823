import { ProblemsError, problem } from '../../../src/problems/problem.js';

/** How much may come out of a compressed file or an archive. */
export interface UnpackLimits {
  /** Bytes of everything that is unpacked, layers inside others included. */
  readonly maxBytes: number;
  /** Unpacked bytes for one byte of the uploaded file. */
  readonly maxRatio: number;
  /** Bytes that are unpacked whatever their ratio: little files may be very regular. */
  readonly freeBytes: number;
  /** Entries of an archive, folders included. */
  readonly maxEntries: number;
}

/**
 * Deflate reaches 1,032 : 1 at most, on a single byte that repeats; tables of the same few labels reach 50 : 1, and
 * logs 100 : 1.
 */
export const usualUnpackLimits: UnpackLimits = {
  maxBytes: 64 * 2 ** 30,
  maxRatio: 250,
  freeBytes: 64 * 2 ** 20,
  maxEntries: 10_000,
};

/**
 * Counts what comes out of one uploaded file, over all its layers and entries, so that neither archives inside each
 * other nor entries that share their bytes (Fifield, “A better zip bomb”, 2019) evade the limits.
 */
export class UnpackBudget {
  private unpackedBytes = 0;

  /** @param packedBytes size of the uploaded file */
  constructor(
    private readonly packedBytes: number,
    readonly limits: UnpackLimits,
    private readonly problemPath: readonly string[],
  ) {}

  /** @throws ProblemsError TOO_LARGE: more than the limits allow has come out of the file */
  spend(bytes: number): void {
    this.unpackedBytes += bytes;
    const { maxBytes, maxRatio, freeBytes } = this.limits;
    if (this.unpackedBytes > maxBytes) {
      throw this.refusal(
        `Unpacked, the file has more than ${inWords(maxBytes)}.`,
        'Upload it in parts, as versions of their own.',
      );
    }
    if (this.unpackedBytes > freeBytes && this.unpackedBytes > maxRatio * this.packedBytes) {
      throw this.refusal(
        `${inWords(this.packedBytes)} unpack to more than ${maxRatio} times as much, as zip bombs do.`,
        'Upload the file unpacked, if it is not one.',
      );
    }
  }

  private refusal(message: string, hint: string): ProblemsError {
    return new ProblemsError([problem(this.problemPath, 'TOO_LARGE', message, hint)]);
  }
}

function inWords(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'] as const;
  let power = 0;
  while (power < units.length - 1 && bytes >= 1024 ** (power + 1)) power += 1;
  return `${Number((bytes / 1024 ** power).toPrecision(3))} ${units[power]}`;
}
