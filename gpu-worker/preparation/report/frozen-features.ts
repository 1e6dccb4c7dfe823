import type { FileColumn, ReportedFile, ReportTools } from './reported-file.js';
import { inputColumns, labelOf, row, rowsOf, textOf } from './reported-file.js';
import { inSample, type RowSample } from './scan-texts.js';

/** A model that stays as it is and makes a vector of each text. */
export interface FrozenEncoder {
  readonly dimensions: number;
  /** Vectors [B, D], row by row. */
  encode(texts: readonly { readonly text: string; readonly pair: string | null }[]): Promise<Float32Array>;
}

/** Examples with the vectors of their texts and the labels that they have. */
export interface FrozenExamples {
  readonly rows: readonly number[];
  /** [N, D], row by row. */
  readonly features: Float32Array;
  readonly dimensions: number;
  /** Null: the row has no label. */
  readonly labels: readonly (string | null)[];
}

const batchSize = 64;
const mostCharacters = 20_000;

/** Encodes a sample of the rows that have a text. */
export async function encodeSample(
  { database, beat }: ReportTools,
  file: ReportedFile,
  label: FileColumn | null,
  encoder: FrozenEncoder,
  sample: RowSample,
  total: number,
): Promise<FrozenExamples> {
  const [text, second] = inputColumns(file);
  const rows: number[] = [];
  const labels: (string | null)[] = [];
  const features: Float32Array[] = [];
  if (text === undefined) return { rows, labels, features: new Float32Array(0), dimensions: encoder.dimensions };
  const shown = (column: FileColumn | undefined) =>
    column === undefined ? 'NULL' : `left(${textOf(column)}, ${mostCharacters})`;
  let batch: { text: string; pair: string | null }[] = [];
  const encode = async () => {
    if (batch.length > 0) features.push(await encoder.encode(batch));
    batch = [];
  };
  const sql = `SELECT ${row}::DOUBLE, ${shown(text)} AS text, ${shown(second)}, ${label === null ? 'NULL' : labelOf(file, label)}
    FROM ${rowsOf(file)} WHERE ${inSample(sample, total)} AND text IS NOT NULL ORDER BY 1`;
  for await (const chunk of database.stream(sql)) {
    for (const [number, own, pair, name] of chunk) {
      beat();
      rows.push(number as number);
      labels.push(name as string | null);
      batch.push({ text: own as string, pair: pair as string | null });
      if (batch.length === batchSize) await encode();
    }
  }
  await encode();
  const all = new Float32Array(rows.length * encoder.dimensions);
  let end = 0;
  for (const part of features) {
    all.set(part, end);
    end += part.length;
  }
  return { rows, labels, features: all, dimensions: encoder.dimensions };
}
