import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { createRandom, uniform } from '../../dist/gpu-worker/data/random.js';
import { rowColumn, splitColumn } from '../../dist/src/protocol/dataset-layout.js';

/** Steps that the fixed batches last for. */
const wordSteps = 60;

/**
 * Texts that are exactly 128 tokens for the model's tokenizer: 126 words of its vocabulary between [CLS] and [SEP]. Words follow a
 * Zipf distribution, as those of a language do, so that they repeat within a batch while most of the vocabulary does not occur.
 * A tenth of them tell the label. `agreement` is one batch: whatever order a trainer shuffles it into, its loss is the same.
 */
export function wordData(modelFolder, { batchSize, tokens }) {
  const { vocab } = JSON.parse(readFileSync(join(modelFolder, 'tokenizer.json'), 'utf8')).model;
  const words = Object.keys(vocab).filter((word) => /^[a-z]{3,}$/.test(word));
  words.sort((a, b) => vocab[a] - vocab[b]);
  const random = createRandom(7);
  const labels = ['first', 'second'];
  const zipf = () => words[Math.floor(words.length ** uniform(random)) - 1];
  const text = (label) =>
    Array.from({ length: tokens - 2 }, () =>
      uniform(random) < 0.1 ? words[2 * Math.floor(50 * uniform(random)) + label] : zipf(),
    ).join(' ');
  const split = (count) => {
    const classes = Array.from({ length: count }, () => Math.floor(2 * uniform(random)));
    return { texts: classes.map(text), labels: classes.map((label) => labels[label]) };
  };
  return {
    words: { labels, train: split(wordSteps * batchSize), test: split(batchSize) },
    agreement: { labels, train: split(batchSize), test: split(batchSize) },
  };
}

/** BANKING77 (Casanueva et al. 2020) from a folder with its train.csv and test.csv, columns text and category. */
export async function bankingData(folder) {
  const files = ['train', 'test'].map((split) => join(folder, `${split}.csv`));
  for (const file of files) if (!existsSync(file)) throw new Error(`ATTUNE_BENCH_DATA: there is no ${file}.`);
  const [train, test] = await withDatabase((connection) =>
    Promise.all(
      files.map(async (file) => {
        const csv = `read_csv('${file.replaceAll("'", "''")}', header = true, all_varchar = true)`;
        const rows = await (await connection.runAndReadAll(`SELECT text, category FROM ${csv}`)).getRows();
        return { texts: rows.map(([text]) => text), labels: rows.map(([, category]) => category) };
      }),
    ),
  );
  return { labels: [...new Set(train.labels)].sort(), train, test };
}

/** The same data for both sides: JSON for Python, a dataset version as ingestion writes it for Attune. @returns its digest */
export async function writeData(store, folder, name, { train, test }) {
  mkdirSync(folder, { recursive: true });
  for (const [split, rows] of Object.entries({ train, test })) {
    writeFileSync(dataFile(folder, name, split), JSON.stringify(rows));
  }
  const path = join(folder, `${name}.parquet`);
  await withDatabase(async (connection) => {
    await connection.run(
      `CREATE TABLE rows ("${rowColumn}" BIGINT, "${splitColumn}" VARCHAR, text VARCHAR, label VARCHAR)`,
    );
    const appender = await connection.createAppender('rows');
    let row = 0n;
    for (const [split, { texts, labels }] of Object.entries({ train, test })) {
      for (const [index, text] of texts.entries()) {
        appender.appendBigInt(row++);
        appender.appendVarchar(split);
        appender.appendVarchar(text);
        appender.appendVarchar(labels[index]);
        appender.endRow();
      }
    }
    appender.closeSync();
    await connection.run(`COPY rows TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`);
  });
  return (await store.adopt(path)).digest;
}

export function dataFile(folder, name, split) {
  return join(folder, `${name}-${split}.json`);
}

async function withDatabase(use) {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
