import type { Direction } from '../database/child-pages.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import type { ScoredKind } from '../models/model-head.type.js';
import type { ScoredExample } from '../protocol/scored-example.js';
import type { EvaluatedExampleOrderField } from './evaluated-example.input.js';

/** Examples of one task of an evaluation. */
export interface ExampleSelection {
  /** The evaluation's file of examples. */
  readonly digest: string;
  readonly task: string;
  readonly kind: ScoredKind;
  readonly isRight: boolean | null;
  readonly trueLabel: string | null;
  readonly predictedLabel: string | null;
  readonly missedLabel: string | null;
  readonly falseLabel: string | null;
  /** The files of other evaluations of the same split that predicted the examples right, or wrong. */
  readonly rightIn: string | null;
  readonly wrongIn: string | null;
}

interface ExamplePage {
  readonly field: EvaluatedExampleOrderField;
  readonly direction: Direction;
  /** Whether the list is read from its end. */
  readonly backwards: boolean;
  /** The example that the page follows: what it is sorted by, and its row. Null: from the end that is read from. */
  readonly after: readonly [sortedBy: number, row: number] | null;
  readonly limit: number;
}

/** Reads what was said of single examples, from the files that evaluations keep (scored-example.ts). */
export interface EvaluatedExampleReader {
  page(selection: ExampleSelection, page: ExamplePage): Promise<readonly ScoredExample[]>;
  count(selection: ExampleSelection): Promise<number>;
}

const columns: Readonly<Record<EvaluatedExampleOrderField, 'error' | 'confidence' | 'row'>> = {
  ERROR: 'error',
  CONFIDENCE: 'confidence',
  ROW: 'row',
};

/** What an example is sorted by. */
export function sortedBy(example: ScoredExample, field: EvaluatedExampleOrderField): number {
  return example[columns[field]] ?? 0;
}

function descending(isDescending: boolean): { readonly order: Direction; readonly beyond: '<' | '>' } {
  return isDescending ? { order: 'DESC', beyond: '<' } : { order: 'ASC', beyond: '>' };
}

export function createEvaluatedExampleReader(files: Pick<ExampleReader, 'queryFiles'>): EvaluatedExampleReader {
  return {
    page(selection, { field, direction, backwards, after, limit }) {
      const { where, paths, values } = conditionsOf(selection);
      const column = columns[field];
      const [key, row] = [(direction === 'DESC') !== backwards, backwards].map(descending);
      const onward =
        after === null
          ? ''
          : `AND (${column} ${key!.beyond} $key OR (${column} = $key AND row ${row!.beyond} $afterRow))`;
      return files.queryFiles<ScoredExample>(
        `SELECT * REPLACE (row::DOUBLE AS row) FROM read_parquet($examples) WHERE ${where} ${onward}
          ORDER BY ${column} ${key!.order}, row ${row!.order} LIMIT ${limit}`,
        paths,
        after === null ? values : { ...values, key: after[0], afterRow: after[1] },
      );
    },

    async count(selection) {
      const { where, paths, values } = conditionsOf(selection);
      const [counted] = await files.queryFiles<{ count: number }>(
        `SELECT count(*)::DOUBLE AS count FROM read_parquet($examples) WHERE ${where}`,
        paths,
        values,
      );
      return counted?.count ?? 0;
    },
  };
}

function conditionsOf({ digest, task, kind, isRight, rightIn, wrongIn, ...labels }: ExampleSelection) {
  const conditions = ['task = $task'];
  const values: Record<string, string | number | boolean> = { task };
  const paths: Record<string, string> = { examples: digest };
  const add = (name: string, value: string | boolean | null, condition: string): void => {
    if (value === null) return;
    conditions.push(condition);
    values[name] = value;
  };
  add('isRight', isRight, 'isRight = $isRight');
  for (const [name, list] of [
    ['trueLabel', 'trueLabels'],
    ['predictedLabel', 'predictedLabels'],
    ['missedLabel', 'missedLabels'],
    ['falseLabel', 'falseLabels'],
  ] as const) {
    add(name, labels[name], `list_contains(${list}, $${name})`);
  }
  // Of one word, where words have tags; of several words, one may have the true tag, and another one the predicted tag.
  if (kind === 'tokenClassification' && labels.trueLabel !== null && labels.predictedLabel !== null) {
    conditions.push(
      'len(list_filter(list_zip(trueLabels, predictedLabels), lambda tags: tags[1] = $trueLabel AND tags[2] = $predictedLabel)) > 0',
    );
  }
  for (const [name, file, was] of [
    ['rightIn', rightIn, 'isRight'],
    ['wrongIn', wrongIn, 'NOT isRight'],
  ] as const) {
    if (file === null) continue;
    paths[name] = file;
    conditions.push(`row IN (SELECT row FROM read_parquet($${name}) WHERE task = $task AND ${was})`);
  }
  return { where: conditions.join(' AND '), paths, values };
}
