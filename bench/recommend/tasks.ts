import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { TargetHeadSpec } from '../../src/protocol/heads.js';
import { datasets, headOf } from '../defaults/datasets.js';
import { cut, type Row, type Splits, shuffled } from '../heads/data.js';
import { labelsOf, works } from '../heads/works.js';

/** Real texts with the head that they are learnt with. */
export interface BenchTask {
  readonly title: string;
  readonly textColumn: string;
  readonly pairColumn: string | null;
  /** Columns and their types in DuckDB. */
  readonly columns: Readonly<Record<string, string>>;
  readonly splits: Splits;
  readonly head: TargetHeadSpec;
  /** What a training is judged by, as the metric of its validation split is called. */
  readonly measure: 'accuracy' | 'microF1' | 'f1' | 'r2';
}

interface Counts {
  readonly train: number;
  readonly validation: number;
}

const classTasks = ['clinc150', 'sms-spam', 'snips', 'banking77'] as const;

/** Subsets of the data in a folder: see main.ts. */
export async function readTasks(dataFolder: string, counts: Counts, isToy: boolean): Promise<BenchTask[]> {
  const tasks: BenchTask[] = [];
  for (const name of isToy ? (['banking77'] as const) : classTasks) {
    const dataset = datasets[name];
    const splits = { ...(await dataset.read(dataFolder, counts)), test: [] };
    tasks.push({
      title: dataset.title,
      textColumn: dataset.textColumn,
      pairColumn: null,
      columns: { text: 'VARCHAR', label: 'VARCHAR' },
      splits,
      head: headOf(dataset, labelsOf(dataset.targetColumn, splits)),
      measure: 'accuracy',
    });
  }
  if (!isToy) tasks.push(await medicalTask(join(dataFolder, 'medical-abstracts', 'abstracts.csv'), counts));
  return [...tasks, ...works.map((work) => ofWork(dataFolder, work, counts))];
}

/** The first head of a work of bench/heads: relatedness of pairs, tags of words, labels of comments. */
function ofWork(dataFolder: string, work: (typeof works)[number], counts: Counts): BenchTask {
  const [{ kind, column }] = work.tasks as [(typeof work.tasks)[number]];
  const splits = work.read(join(dataFolder, work.name), { ...counts, test: 0 });
  const labels = kind === 'regression' ? [] : labelsOf(column, splits);
  const { name, textColumn, pairColumn, columns } = work;
  const base = { title: titles[name], textColumn, pairColumn, columns, splits };
  switch (kind) {
    case 'regression':
      return { ...base, head: { kind, targetColumns: [column] }, measure: 'r2' };
    case 'multiLabel': {
      const head = { kind, labelColumn: column, labels, classWeights: none, thresholds: { kind: 'chosen' as const } };
      return { ...base, head, measure: 'microF1' };
    }
    case 'tokenClassification': {
      const head = { kind, tagColumn: column, labels, scheme: 'iob2' as const, classWeights: none };
      return { ...base, head, measure: 'f1' };
    }
    case 'classification':
      return { ...base, head: { kind, labelColumn: column, labels, classWeights: none }, measure: 'accuracy' };
    default:
      return kind satisfies never;
  }
}

const none = { kind: 'none' as const };
const titles: Readonly<Record<(typeof works)[number]['name'], string>> = {
  sick: 'SICK, relatedness of pairs',
  snips: 'SNIPS, tags of words',
  goemotions: 'GoEmotions, 28 labels',
};

/** Abstracts with one of five conditions. @param file with `condition_label` and `medical_abstract` */
async function medicalTask(file: string, { train, validation }: Counts): Promise<BenchTask> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const read = await connection.runAndReadAll(
      'SELECT medical_abstract, CAST(condition_label AS VARCHAR) FROM read_csv($file, header = true)',
      { file },
    );
    const rows = read.getRows().map(([text, label]): Row => ({ text: String(text), label: String(label) }));
    const splits = cut(shuffled(rows), { train, validation, test: 0 }, 'medical abstracts');
    return {
      title: 'Medical abstracts, 5 conditions',
      textColumn: 'text',
      pairColumn: null,
      columns: { text: 'VARCHAR', label: 'VARCHAR' },
      splits,
      head: { kind: 'classification', labelColumn: 'label', labels: labelsOf('label', splits), classWeights: none },
      measure: 'accuracy',
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
