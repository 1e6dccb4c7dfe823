import { readFileSync } from 'node:fs';

/** For how long the event loop did one thing without a pause. */
export interface Blocks {
  /** Ends the watch. */
  longest(): LongestBlocks;
}

/** Milliseconds between two looks at the event loop, at most. They may be of different looks. */
interface LongestBlocks {
  /** In which the thread computed. Elsewhere than on Linux it is the whole time. */
  readonly computedMs: number;
  /** By the clock: what the thread waited for a processor, which others had, is in it. */
  readonly elapsedMs: number;
}

/**
 * Looks once a millisecond how long ago the last look was, and how much of that the thread computed. On a busy machine
 * the rest is most of it: others had the processors.
 */
export function watchBlocks(): Blocks {
  let [computed, elapsed] = [0, 0];
  let [at, spent] = [performance.now(), computedMs()];
  const look = (): void => {
    const [now, spentNow] = [performance.now(), computedMs()];
    elapsed = Math.max(elapsed, now - at - 1);
    computed = Math.max(computed, spentNow === null || spent === null ? now - at - 1 : spentNow - spent);
    [at, spent] = [now, spentNow];
  };
  const timer = setInterval(look, 1);
  return {
    longest() {
      look();
      clearInterval(timer);
      return { computedMs: computed, elapsedMs: elapsed };
    },
  };
}

/** How long the main thread has computed (Linux: the first number of schedstat); elsewhere null. */
function computedMs(): number | null {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return null;
  }
}
