/** How long a pause between bytes may last, and how long the whole body may take. */
export interface UploadTimes {
  readonly maxIdleMs: number;
  readonly maxDurationMs: number;
}

export const defaultTimes: UploadTimes = { maxIdleMs: 60_000, maxDurationMs: 6 * 3_600_000 };
