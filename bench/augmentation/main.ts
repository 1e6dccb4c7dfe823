/**
 * `npm run bench:augmentation`: whether augmentation helps a classifier over the frozen Universal Sentence Encoder
 * Lite, which comes with the product, that has few examples of each label. Each training is one run of the product's
 * recipe with its default hyperparameters; the accuracy is that of test rows, as they are and with typing errors. The
 * tables that it prints stand in docs/data-preparation.md.
 *
 *   ATTUNE_BENCH_DATA     folder with banking77/{train,test}.csv (PolyAI); without it, only SpamAssassin's e-mails from
 *                         npm are measured
 *   ATTUNE_BENCH_THREADS  threads of the engine, 1 by default
 *
 * `--toy` (part of `npm run bench:check`) does the same with a few e-mails and one seed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, shuffle } from '../../gpu-worker/data/random.js';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { readSpamEmails } from '../../src/demo/spam-emails.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { supervisedSpec } from '../../tests/support/specs.js';
import { openBase } from '../defaults/bases.js';
import { defaultCell } from '../defaults/rule.js';
import { trainedParts } from '../defaults/train-cell.js';
import { table } from '../frozen/table.js';
import type { Row } from '../heads/data.js';
import { writeRows } from '../heads/write-rows.js';
import { isToy } from '../is-toy.js';
import { bankingData } from '../train/data.js';
import { recorded, samplesOf, train } from '../training.js';
import { mistyped, type Variant, variants, withCopies } from './variants.js';

const { ATTUNE_BENCH_DATA, ATTUNE_BENCH_THREADS } = process.env;
const seeds = isToy ? [0] : [0, 1, 2];

interface Data {
  readonly name: string;
  readonly train: readonly Row[];
  readonly test: readonly Row[];
  /** Examples of each label. */
  readonly sizes: readonly number[];
}

const folder = mkdtempSync(join(tmpdir(), 'attune-bench-augmentation-'));
const store = await openFileSystemStore({ root: join(folder, 'artifacts') });
const engine = await createEngine({ target: 'cpu', threads: Number(ATTUNE_BENCH_THREADS ?? 1) });
try {
  const base = await openBase('use-lite', store, '', folder);
  for (const data of await readData()) {
    const tests = { clean: data.test, mistyped: await mistyped(data.test) };
    for (const size of data.sizes) {
      const lines: string[][] = [];
      for (const variant of variants) {
        const [rows, clean, typos]: [number[], number[], number[]] = [[], [], []];
        for (const seed of seeds) {
          const chosen = fewOfEach(data.train, size, seed);
          const training = await withCopies(chosen, variant, seed);
          rows.push(training.length);
          clean.push(await accuracyOf(training, tests.clean, seed));
          typos.push(await accuracyOf(training, tests.mistyped, seed));
        }
        const line = lineOf(variant, rows, clean, typos);
        console.error(line.join(', '));
        lines.push(line);
      }
      console.log(`\n${data.name}, ${size} examples of each label, ${seeds.length} seeds\n`);
      console.log(table(['added', 'training rows', 'accuracy', 'with typing errors'], lines));
    }
  }

  async function accuracyOf(rows: readonly Row[], test: readonly Row[], seed: number): Promise<number> {
    const splits = { train: rows, validation: test, test: [] };
    const columns = { text: 'VARCHAR', label: 'VARCHAR' };
    const datasetDigest = await writeRows(store, join(folder, 'rows.jsonl'), columns, splits);
    const cell = defaultCell(
      {
        base: 'use-lite',
        method: 'heads',
        dataset: 'banking77',
        examples: rows.length,
        validationExamples: test.length,
        learningRate: 0,
        epochs: 1,
        batchSize: 1,
      },
      base,
    );
    const spec = supervisedSpec({
      baseModelDigest: base.digest,
      datasetDigest,
      labels: [...new Set(rows.map(({ label }) => label as string))].sort(),
      hyperparameters: {
        ...trainedParts('heads', base),
        learningRate: cell.learningRate,
        epochs: cell.epochs,
        batchSize: cell.batchSize,
        dropout: 0,
        pooling: base.pooling,
        maxLength: isToy ? 16 : 64,
        seed,
        checkpointEverySteps: 1_000_000,
      },
    });
    let accuracy = Number.NaN;
    await train({ engine, store }, spec, {
      async events(events) {
        for (const samples of samplesOf(events)) accuracy = recorded(samples, 'validation/accuracy') ?? accuracy;
      },
    });
    return accuracy;
  }
} finally {
  await engine.release();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

async function readData(): Promise<Data[]> {
  const mails: Row[] = (await readSpamEmails(isToy ? 75 : 1)).map(({ text, label }) => ({ text, label }));
  const order = shuffle(Int32Array.from(mails.keys()), createRandom(20));
  const inOrder = Array.from(order, (index) => mails[index]!);
  const spam = { name: 'SpamAssassin, 2 labels', sizes: isToy ? [2] : [20] };
  const cut = isToy ? 20 : 500;
  const emails: Data = { ...spam, test: inOrder.slice(0, cut), train: inOrder.slice(cut, isToy ? 60 : undefined) };
  if (isToy || ATTUNE_BENCH_DATA === undefined) return [emails];
  const { train, test } = await bankingData(join(ATTUNE_BENCH_DATA, 'banking77'));
  const rowsOf = ({ texts, labels }: typeof train): Row[] => texts.map((text, row) => ({ text, label: labels[row]! }));
  return [
    {
      name: 'BANKING77, 77 labels',
      train: rowsOf(train),
      test: rowsOf(test).filter((_, row) => row % 4 === 0),
      sizes: [5],
    },
    emails,
  ];
}

/** So many rows of each label, other ones for each seed. */
function fewOfEach(rows: readonly Row[], count: number, seed: number): Row[] {
  const taken = new Map<Row[string] | undefined, number>();
  return Array.from(shuffle(Int32Array.from(rows.keys()), createRandom(seed, 5)), (index) => rows[index]!).filter(
    ({ label }) => {
      const before = taken.get(label) ?? 0;
      taken.set(label, before + 1);
      return before < count;
    },
  );
}

function lineOf({ name }: Variant, rows: readonly number[], clean: readonly number[], typos: readonly number[]) {
  return [name, String(Math.round(mean(rows))), withSpread(clean), withSpread(typos)];
}

/** `71.3 ± 0.8`: mean and standard deviation of percentages. */
function withSpread(values: readonly number[]): string {
  const middle = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1);
  return `${(100 * middle).toFixed(1)} ± ${(100 * Math.sqrt(variance)).toFixed(1)}`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
