import { readFileSync } from 'node:fs';

/** For how long the event loop did one thing without a pause. */
export interface Blocks {
  /** Ends the watch; milliseconds. */
  longest(): number;
}

/**
 * Looks once a millisecond how long ago the last look was. What the kernel let the thread wait for a processor, since
 * others had them, is left out: on a busy machine that is most of it.
 */
export function watchBlocks(): Blocks {
  let longest = 0;
  let [at, waited] = [performance.now(), waitedMs()];
  const look = (): void => {
    const [now, waitedNow] = [performance.now(), waitedMs()];
    longest = Math.max(longest, now - at - (waitedNow - waited) - 1);
    [at, waited] = [now, waitedNow];
  };
  const timer = setInterval(look, 1);
  return {
    longest() {
      look();
      clearInterval(timer);
      return longest;
    },
  };
}

/** How long the main thread has waited for a processor (Linux: the second number of schedstat); elsewhere 0. */
function waitedMs(): number {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
