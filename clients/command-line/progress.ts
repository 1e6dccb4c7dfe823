import type { Writable } from 'node:stream';
import { Presets, SingleBar } from 'cli-progress';

/** How far something is. */
export interface Progress {
  /** @param total null: not known yet. @param says what else there is to say */
  at(done: number, total: number | null, says?: string): void;
  /** Takes the bar away, so that what follows begins on a line of its own. */
  end(): void;
}

/** A bar on a terminal; elsewhere nothing, because a log has no use for it. */
export function openProgress(label: string, stream: (Writable & { readonly isTTY?: boolean }) | null): Progress {
  if (stream === null || stream.isTTY !== true) return { at: () => undefined, end: () => undefined };
  const bar = new SingleBar(
    {
      format: `${label} {bar} {percentage} % {says}`,
      stream: stream as NodeJS.WritableStream,
      hideCursor: true,
      clearOnComplete: true,
      barsize: 24,
      autopadding: true,
      // Ctrl-C is the command's own.
      gracefulExit: false,
    },
    Presets.rect,
  );
  let isStarted = false;
  return {
    at(done, total, says = '') {
      const of = Math.max(total ?? 0, 1);
      if (!isStarted) bar.start(of, done, { says });
      isStarted = true;
      bar.setTotal(of);
      bar.update(Math.min(done, of), { says });
    },
    end() {
      if (isStarted) bar.stop();
      isStarted = false;
    },
  };
}
