const checkIntervalMs = 1_000;
const minStallMs = 120_000;
const stallFactor = 10;
/** Enough intervals for a steady median, few enough to follow a change of phase (preparing, training, validating). */
const rememberedIntervals = 101;

/** How long a thread may be silent: 10 × the median of its recent intervals, at least 2 minutes. Milliseconds. */
export function stallLimitMs(intervalsMs: readonly number[]): number {
  const sorted = [...intervalsMs].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return Math.max(minStallMs, stallFactor * median);
}

/**
 * Makes a detector that is called with the count of signs of life at each check. It returns the length of a silence
 * once it is too long.
 */
export function createStallDetector(startedAtMs: number): (beats: number, nowMs: number) => number | null {
  const intervalsMs: number[] = [];
  let lastBeats = 0;
  let lastChangeMs = startedAtMs;
  return (beats, nowMs) => {
    if (beats !== lastBeats) {
      intervalsMs.push((nowMs - lastChangeMs) / Math.abs(beats - lastBeats));
      if (intervalsMs.length > rememberedIntervals) intervalsMs.shift();
      lastBeats = beats;
      lastChangeMs = nowMs;
      return null;
    }
    const silenceMs = nowMs - lastChangeMs;
    return silenceMs > stallLimitMs(intervalsMs) ? silenceMs : null;
  };
}

/** Watches one job. Returns a function that ends the watch. */
export function watchForStall(options: {
  readonly beats: () => number;
  readonly now: () => number;
  readonly onStalled: (silenceMs: number) => void;
}): () => void {
  const silence = createStallDetector(options.now());
  const timer = setInterval(() => {
    const silenceMs = silence(options.beats(), options.now());
    if (silenceMs === null) return;
    clearInterval(timer);
    options.onStalled(silenceMs);
  }, checkIntervalMs);
  return () => clearInterval(timer);
}
