/**
 * `npm run bench:metrics`: how fast long series of metrics are read over HTTP, and what writing them costs.
 *
 * Starts the embedded database and the API, without workers, on a temporary folder; writes a series of 1,000,000 points
 * (the later half recorded by a second attempt) and 20 experiments of 3 series of 10,000; and asks for them with a
 * GraphQL client's own requests. The statements of before (former.ts) run in turns with today's, on one connection.
 * Writes docs/performance-metrics.md.
 *
 *   ATTUNE_BENCH_ROUNDS   rounds of each reading; fewer than 20 are a trial, of which nothing is written. By default 20
 *
 * Takes about four minutes. Nothing else should run on the machine meanwhile.
 *
 * `--toy` (part of `npm run bench:check`) does the same with few points in a few seconds, whatever the variable says,
 * and makes the document, which it doesn't write.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { queryOf } from '../../gpu-worker/queue/connection.js';
import { isToy } from '../is-toy.js';
import { describeMachine } from '../machine.js';
import { root } from '../root.js';
import { wrapped } from '../wrapped.js';
import { document } from './document.js';
import { measureIngesting } from './ingesting.js';
import { withPlatform } from './platform.js';
import { measureReading } from './reading.js';
import { full, toy } from './scale.js';
import { measureWriting } from './writing.js';

const scale = isToy ? toy : { ...full, rounds: Number(process.env.ATTUNE_BENCH_ROUNDS ?? full.rounds) };

await withPlatform(async ({ url, client, databaseUrl }) => {
  const { reading, load } = await measureReading(client, url, scale);
  const writing = await measureWriting(client, scale);
  const ingesting = await measureIngesting(client, databaseUrl, scale);
  console.log(JSON.stringify({ reading, writing, ingesting }, null, 2));
  const [postgres] = await queryOf(client)<{ version: string }>("SELECT current_setting('server_version') AS version");
  const text = document({
    reading,
    writing,
    ingesting,
    load,
    rounds: scale.rounds,
    machine: describeMachine(),
    postgres: postgres!.version,
    date: new Date().toISOString().slice(0, 10),
  });
  if (/NaN|undefined/.test(text)) throw new Error(`The document lacks figures:\n${text}`);
  if (!isToy && scale.rounds >= full.rounds) await writeFile(join(root, 'docs/performance-metrics.md'), wrapped(text));
});
