import type { Machine } from '../machine.js';
import { median } from '../statistics.js';
import type { PackageVersions } from './python-versions.js';
import type { SideResult } from './settings.js';
import { p95, processorSecondsOf, secondsOf, type Work } from './works.js';

/** What was measured of a work, round by round. */
export interface Measured {
  readonly work: Work;
  readonly rows: number;
  readonly attune: readonly SideResult[];
  /** None where there is no other side. */
  readonly peer: readonly SideResult[];
  /** The share of the rows that the other side read. */
  readonly peerShare: number;
}

interface Circumstances {
  readonly machine: Machine;
  readonly threads: number;
  readonly versions: PackageVersions;
  readonly date: string;
}

/** docs/performance-data.md, of all works. */
export function document(results: readonly Measured[], { machine, threads, versions, date }: Circumstances): string {
  return `# Speed of data preparation beside Python

Written by \`npm run bench:data\` (bench/data); do not edit. A run of some works writes their sections alone, each with
its date.

| | |
| --- | --- |
| machine | ${machine.processor}, ${machine.processors} processors, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, Linux ${machine.kernel} |
| threads | ${threads} on either side |
| Attune | Node ${machine.node} |
| other side | Python ${versions.python}, pandas ${versions.pandas}, pyarrow ${versions.pyarrow}, datasets ${versions.datasets}, text-dedup ${versions['text-dedup']}, presidio-analyzer ${versions['presidio-analyzer']} |

Each side reads the same file in a process of its own. Attune's are the jobs of its users in the product's thread, from
the stored upload to the stored version, digests of files included. What both sides count agrees; of personal data they
look for different kinds, and nothing is compared. What was tried to be faster is in
[experiments](experiments.md#data-preparation).

${results.map((measured) => section(measured, date)).join('\n\n')}

## Repeat

\`\`\`
ATTUNE_BENCH_PYTHON=python3 ATTUNE_BENCH_THREADS=${threads} npm run bench:data
\`\`\`

\`ATTUNE_BENCH_ONLY=report,preview\` measures two works alone, and \`ATTUNE_BENCH_SCALE=0.01\` does the same with a
hundredth of the rows. [bench/data/main.ts](../bench/data/main.ts) explains the settings.
`;
}

/** The page with the sections of some works in place of their former ones. */
export function withSections(page: string, results: readonly Measured[], date: string): string {
  return results.reduce((former, measured) => {
    const begin = former.indexOf(`${headingOf(measured)}\n`);
    const end = former.indexOf('\n## ', begin + 1);
    if (begin < 0 || end < 0) throw new Error(`The page has no section “${headingOf(measured)}” to replace.`);
    return `${former.slice(0, begin)}${section(measured, date)}\n${former.slice(end)}`;
  }, page);
}

function headingOf({ work, rows }: Measured): string {
  if (work.name === 'preview') return `## Preview on ${count(rows)} rows`;
  return `## ${work.title[0]!.toUpperCase()}${work.title.slice(1)}`;
}

/** What both sides do, and where they do not do the same. */
const texts: Readonly<Record<Work['name'], string>> = {
  report: `A CSV file with a text, a label, an id, a time, a number and a channel. Both sides read it, draw splits of 80, 10 and
10 %, write the rows as Parquet with zstd, and count what is missing, different values, labels, lengths in characters
and words (words in a sample of 200,000 rows) with quantiles and histograms, exact and normalized copies, and leaks
between splits. Attune's report also looks for personal data, languages, likely label errors, outliers, damaged encoding,
and columns and words that give the label away; pandas does not.`,
  exact: `Rows whose text was there before go. \`datasets\` hashes texts by \`map\` and keeps the first of each by \`filter\`,
both in batches; Attune's job is \`dropDuplicates\`, which compares the texts themselves. The file is the version's Parquet.`,
  near: `MinHash of 128 permutations, shingles of three words, threshold 0.7, candidates not compared: the same pairs on both
sides. text-dedup's functions in as many processes as there are threads; Attune in one thread, as a job has it. Reading
the file is not timed.`,
  personal: `Attune: eight kinds, 36 national ids and telephone numbers of ten regions among them. presidio: nine recognizers
of the same kinds by patterns alone (four national ids). One thread each; reading the file is not timed.`,
  preview: `Control characters, white space, languages, personal data and near copies, tried on 5,000 rows: evenly spaced
ones of a version, the first of an uploaded CSV file. The first call includes the start of the thread.`,
};

function section(measured: Measured, date: string): string {
  return `${headingOf(measured)}

${texts[measured.work.name]}

${measured.work.name === 'preview' ? previewsOf(measured, date) : comparisonOf(measured, date)}`;
}

function comparisonOf(measured: Measured, date: string): string {
  const { work, rows, attune, peer, peerShare } = measured;
  const ratios = ratiosOf(measured);
  const range = ratios.length > 1 ? ` (${Math.min(...ratios).toFixed(1)}–${Math.max(...ratios).toFixed(1)})` : '';
  const read = peerShare < 1 ? `; ${work.peer!.name} reads ${count(rows * peerShare)} of them` : '';
  return `${count(rows)} rows${read}; ${date}. Goal: ${work.goal}.

| | seconds | processor seconds | largest memory |
| --- | --- | --- | --- |
| Attune | ${median(attune.map(secondsOf)).toFixed(1)} | ${median(attune.map(processorSecondsOf)).toFixed(1)} | ${memory(attune)} |
| ${work.peer!.name} | ${median(peer.map(secondsOf)).toFixed(1)} | ${median(peer.map(processorSecondsOf)).toFixed(1)} | ${memory(peer)} |
| ratio for as many rows | **${median(ratios).toFixed(1)}**${range} | ${(median(peer.map(processorSecondsOf)) / median(attune.map(processorSecondsOf)) / peerShare).toFixed(1)} | |`;
}

function previewsOf({ work, attune }: Measured, date: string): string {
  const previews = attune[0]!.figures!;
  return `${date}. Goal: ${work.goal}.

| source | first call | median | p95 | processor time, median | calls |
| --- | --- | --- | --- | --- | --- |
${['version', 'file'].map((source) => previewRow(source, previews)).join('\n')}`;
}

/** Times of the other side for as many rows ÷ times of Attune, of each round. */
function ratiosOf({ attune, peer, peerShare }: Measured): number[] {
  return attune.map((own, round) => secondsOf(peer[round]!) / peerShare / secondsOf(own));
}

function previewRow(source: string, figures: NonNullable<SideResult['figures']>): string {
  const seconds = figures[source] as readonly number[];
  const processor = figures[`${source} processor`] as readonly number[];
  const cells = [seconds[0]!, median(seconds)].map((each) => `${each.toFixed(2)} s`);
  return `| ${source} | ${cells.join(' | ')} | **${p95(seconds).toFixed(2)} s** | ${median(processor).toFixed(2)} s | ${seconds.length} |`;
}

function memory(results: readonly SideResult[]): string {
  return `${(Math.max(...results.map(({ peakBytes }) => peakBytes)) / 2 ** 20).toFixed(0)} MiB`;
}

function count(rows: number): string {
  return Math.round(rows).toLocaleString('en');
}
