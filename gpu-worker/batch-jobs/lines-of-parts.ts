import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Parts } from './parts.js';

/** What was computed, line by line. */
export async function* linesOfParts<Line>({ paths }: Pick<Parts, 'paths'>): AsyncGenerator<Line> {
  for (const path of paths) {
    for await (const line of createInterface({ input: createReadStream(path) })) yield JSON.parse(line) as Line;
  }
}
