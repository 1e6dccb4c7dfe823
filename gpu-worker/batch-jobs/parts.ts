import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A part is written this long after the one before it, so that a worker that goes on repeats no more than that. */
const partIntervalMs = 5_000;
/** … or when so many rows wait, so that memory stays bounded. */
const mostWaitingRows = 8_192;

/** How many rows lie before a part, how many it has, how many of these have an error, and the number of the last. */
const partName = /^(\d+)-(\d+)-(\d+)-(\d+)\.jsonl$/;

/**
 * What a batch prediction has computed so far, in a folder of its own: an attempt that follows a lost one goes on after
 * the last part. A part appears whole or not at all. Two attempts at once may write parts of different sizes: each
 * reads a chain of parts without a gap, and equal rows have equal predictions.
 */
export interface Parts {
  /** Rows in the parts and those that wait for one. */
  readonly rowsDone: number;
  readonly errorCount: number;
  /** Number of the last row; null before the first. */
  readonly lastRow: number | null;
  readonly folder: string;
  /** The files, in order. */
  readonly paths: readonly string[];
  /** Takes the next rows, one line of JSON each. */
  add(rows: {
    readonly lines: readonly string[];
    readonly errorCount: number;
    readonly lastRow: number;
  }): Promise<void>;
  /** Writes what waits. */
  flush(): Promise<void>;
  remove(): Promise<void>;
}

/** @param now milliseconds, monotonic */
export async function openParts(folder: string, attempt: number, now: () => number): Promise<Parts> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const chain = await chainIn(folder);
  const paths = chain.map(({ name }) => join(folder, name));
  const last = chain.at(-1);
  let [rowsDone, errorCount] = [last?.end ?? 0, chain.reduce((sum, part) => sum + part.errors, 0)];
  let lastRow = last?.lastRow ?? null;
  let waiting: string[] = [];
  let waitingErrors = 0;
  let writtenAt = now();

  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    const name = `${rowsDone - waiting.length}-${waiting.length}-${waitingErrors}-${lastRow}.jsonl`;
    const unfinished = join(folder, `${name}.${attempt}`);
    await writeFile(unfinished, waiting.join(''));
    await rename(unfinished, join(folder, name));
    paths.push(join(folder, name));
    [waiting, waitingErrors, writtenAt] = [[], 0, now()];
  }

  return {
    folder,
    paths,
    get rowsDone() {
      return rowsDone;
    },
    get errorCount() {
      return errorCount;
    },
    get lastRow() {
      return lastRow;
    },
    async add(rows) {
      for (const line of rows.lines) waiting.push(`${line}\n`);
      rowsDone += rows.lines.length;
      errorCount += rows.errorCount;
      waitingErrors += rows.errorCount;
      lastRow = rows.lastRow;
      if (waiting.length >= mostWaitingRows || now() - writtenAt >= partIntervalMs) await flush();
    },
    flush,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The longest parts that follow one another from the first row on. */
async function chainIn(folder: string) {
  const parts = (await readdir(folder)).flatMap((name) => {
    const match = partName.exec(name);
    if (match === null) return [];
    const [start = 0, rows = 0, errors = 0, lastRow = 0] = match.slice(1).map(Number);
    return [{ name, start, end: start + rows, errors, lastRow }];
  });
  const chain: typeof parts = [];
  for (;;) {
    const end = chain.at(-1)?.end ?? 0;
    const [next] = parts.filter(({ start }) => start === end).sort((a, b) => b.end - a.end);
    if (next === undefined) return chain;
    chain.push(next);
  }
}
