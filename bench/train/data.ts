import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { createRandom, uniform } from '../../gpu-worker/data/random.js';
import { rowColumn, splitColumn } from '../../src/protocol/dataset-layout.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Scale } from './scale.js';

/** Texts with a label each. */
export interface Split {
  readonly texts: readonly string[];
  readonly labels: readonly string[];
}

export interface Data {
  /** In the order of the logits. */
  readonly labels: readonly string[];
  readonly train: Split;
  readonly test: Split;
}

/** The columns that `writeData` gives a dataset. */
export const [textColumn, labelColumn] = ['text', 'label'];

/**
 * Texts that are exactly so many tokens for the model's tokenizer: words of its vocabulary between [CLS] and [SEP].
 * Words follow a Zipf distribution, as those of a language do, so that they repeat within a batch while most of the
 * vocabulary does not occur. A tenth of them tell the label. `agreement` is one batch: whatever order a trainer
 * shuffles it into, its loss is the same.
 */
export function wordData(modelFolder: string, { batchSize, tokens, wordSteps }: Scale) {
  const vocab: Record<string, number> = JSON.parse(readFileSync(join(modelFolder, 'tokenizer.json'), 'utf8')).model
    .vocab;
  const words = Object.keys(vocab).filter((word) => /^[a-z]{3,}$/.test(word));
  words.sort((a, b) => vocab[a]! - vocab[b]!);
  const random = createRandom(7);
  const labels = ['first', 'second'];
  const zipf = () => words[Math.floor(words.length ** uniform(random)) - 1];
  const text = (label: number) =>
    Array.from({ length: tokens - 2 }, () =>
      uniform(random) < 0.1 ? words[2 * Math.floor(50 * uniform(random)) + label] : zipf(),
    ).join(' ');
  const split = (count: number): Split => {
    const classes = Array.from({ length: count }, () => Math.floor(2 * uniform(random)));
    return { texts: classes.map(text), labels: classes.map((label) => labels[label]!) };
  };
  return {
    words: { labels, train: split(wordSteps * batchSize), test: split(batchSize) },
    agreement: { labels, train: split(batchSize), test: split(batchSize) },
  } satisfies Record<string, Data>;
}

/** BANKING77 (Casanueva et al. 2020) from a folder with its train.csv and test.csv, columns text and category. */
export async function bankingData(folder: string): Promise<Data> {
  const splitOf = async (connection: DuckDBConnection, name: string): Promise<Split> => {
    const file = join(folder, `${name}.csv`);
    if (!existsSync(file)) throw new Error(`ATTUNE_BENCH_DATA: there is no ${file}.`);
    const csv = `read_csv('${file.replaceAll("'", "''")}', header = true, all_varchar = true)`;
    const reader = await connection.runAndReadAll(`SELECT text, category FROM ${csv}`);
    const rows = reader.getRows().map((row) => row.map(String));
    return { texts: rows.map(([text]) => text!), labels: rows.map(([, category]) => category!) };
  };
  return withDatabase(async (connection) => {
    const [train, test] = [await splitOf(connection, 'train'), await splitOf(connection, 'test')];
    return { labels: [...new Set(train.labels)].sort(), train, test };
  });
}

/**
 * The same data for both sides: JSON for Python, a dataset version as ingestion writes it for Attune.
 * @returns the version's digest
 */
export async function writeData(
  store: ArtifactStore,
  folder: string,
  name: string,
  { train, test }: Data,
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const splits = Object.entries({ train, test });
  for (const [split, rows] of splits) writeFileSync(dataFile(folder, name, split), JSON.stringify(rows));
  const path = join(folder, `${name}.parquet`);
  await withDatabase(async (connection) => {
    await connection.run(
      `CREATE TABLE rows ("${rowColumn}" BIGINT, "${splitColumn}" VARCHAR, ${textColumn} VARCHAR, ${labelColumn} VARCHAR)`,
    );
    const appender = await connection.createAppender('rows');
    let row = 0n;
    for (const [split, { texts, labels }] of splits) {
      for (const [index, text] of texts.entries()) {
        appender.appendBigInt(row++);
        appender.appendVarchar(split);
        appender.appendVarchar(text);
        appender.appendVarchar(labels[index]!);
        appender.endRow();
      }
    }
    appender.closeSync();
    await connection.run(`COPY rows TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`);
  });
  return (await store.adopt(path)).digest;
}

export function dataFile(folder: string, name: string, split: string): string {
  return join(folder, `${name}-${split}.json`);
}

async function withDatabase<Result>(use: (connection: DuckDBConnection) => Promise<Result>): Promise<Result> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
