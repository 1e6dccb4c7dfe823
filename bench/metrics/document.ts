import type { Machine } from '../machine.js';
import { median } from '../statistics.js';
import type { Ingested } from './ingesting.js';
import type { ReadingTimes } from './reading.js';
import type { WritingTimes } from './writing.js';

/** docs/performance-metrics.md from what main.ts measured: times in milliseconds. */
export function document(measured: {
  readonly reading: readonly ReadingTimes[];
  readonly writing: readonly WritingTimes[];
  readonly ingesting: readonly Ingested[];
  readonly rounds: number;
  /** Processes that wanted a processor, at each round of reading. */
  readonly load: readonly number[];
  readonly machine: Machine;
  /** The server's version. */
  readonly postgres: string;
  readonly date: string;
}): string {
  const { reading, writing, ingesting, rounds, load, machine, postgres, date } = measured;
  return `# Reading and writing metrics

Written by \`npm run bench:metrics\` (bench/metrics) on ${date}; do not edit.

| | |
| --- | --- |
| machine | ${machine.processor}, ${machine.processors} processors, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, Linux ${machine.kernel} |
| versions | Node ${machine.node}, PostgreSQL ${postgres} with the settings of the embedded server |
| rounds | ${rounds} of each reading, after 5 that do not count; the former statement in every fourth; all in turns |
| load | ${Math.min(...load).toFixed(1)} to ${Math.max(...load).toFixed(1)} processes that want a processor, over a minute; this benchmark alone makes about 1 |

## Reading

Milliseconds: the median, with the least and the greatest. *Over HTTP*: from sending the GraphQL request to having
parsed its answer, client and server on this machine. *Statement*: the SQL alone, its rows parsed. *Former*: the
statement of before summaries (ADR 0016), which reads every point.

| asked for | over HTTP (goal < 200) | statement | former | former ÷ statement |
| --- | --- | --- | --- | --- |
${reading.map(readingRow).join('\n')}

The series of a million: steps 1 to 600,000 recorded by a first attempt, 500,001 to 1,000,000 by a second, which
supersedes a sixth of the first; 23 values are not finite. The former statement cut stretches by position and
not by step; both keep the same kinds of points.

## Writing

A batch is one statement, committed durably, with the run's row, its events, four metrics a step and their summaries.
Milliseconds a batch: the median. *Former*: a transaction of three statements, and each point a row without a summary.

| batch | present | former | ratio |
| --- | --- | --- | --- |
${writing.map(writingRow).join('\n')}

A worker writes what its thread reports (gpu-worker/telemetry). A writer gets steps of four metrics as fast as it
acknowledges them, each a report of its own, at most 2,000 ahead; several writers are of different runs. Processor time
is that of this process, which makes up the reports too, and of the server's processes that serve the writers.

| writers | points | points a second | processor of the worker, µs a point | of PostgreSQL, µs a point |
| --- | --- | --- | --- | --- |
${ingesting.map(ingestingRow).join('\n')}

## Repeat

\`\`\`
npm run bench:metrics
\`\`\`

[bench/metrics/main.ts](../bench/metrics/main.ts) explains what it does.
`;
}

function readingRow({ name, http, sql, former }: ReadingTimes): string {
  return `| ${name} | **${spread(http)}** | ${spread(sql)} | ${spread(former)} | ${(median(former) / median(sql)).toFixed(0)} |`;
}

function writingRow({ name, present, former }: WritingTimes): string {
  return `| ${name} | ${median(present).toFixed(2)} | ${median(former).toFixed(2)} | ${(median(present) / median(former)).toFixed(2)} |`;
}

function ingestingRow({ writers, points, seconds, workerSeconds, serverSeconds }: Ingested): string {
  const each = (spent: number) => ((1e6 * spent) / points).toFixed(1);
  const rate = Math.round(points / seconds).toLocaleString('en');
  return `| ${writers} | ${points.toLocaleString('en')} | **${rate}** | ${each(workerSeconds)} | ${each(serverSeconds)} |`;
}

function spread(times: readonly number[]): string {
  const round = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 0 });
  return `${round(median(times))} (${round(Math.min(...times))}–${round(Math.max(...times))})`;
}
