import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readGlosses } from '../../src/demo/wordnet-glosses.js';
import type { TargetHeadSpec } from '../../src/protocol/heads.js';
import { cut, linesOf, type Row, type SplitCounts, type Splits, shuffled } from '../heads/data.js';
import { readSick } from '../heads/sick.js';
import { readSnips } from '../heads/snips.js';
import { bankingData } from '../train/data.js';
import type { DatasetName } from './cell.js';

/** Real texts with one target each. */
export interface Dataset {
  readonly title: string;
  readonly textColumn: string;
  readonly pairColumn: string | null;
  readonly targetColumn: string;
  readonly kind: 'classification' | 'regression';
  /** Training rows come first in an order that is always the same: fewer are a part of more. */
  readonly read: (dataFolder: string, counts: Counts) => Promise<Rows>;
}

type Counts = Pick<SplitCounts, 'train' | 'validation'>;
type Rows = Pick<Splits, 'train' | 'validation'>;

const oneText = { textColumn: 'text', pairColumn: null, targetColumn: 'label', kind: 'classification' } as const;

export const datasets: { readonly [Name in DatasetName]: Dataset } = {
  banking77: {
    ...oneText,
    title: 'BANKING77, 77 intents',
    read: async (folder, counts) => split(await banking(folder), counts, 'BANKING77'),
  },
  'eight-intents': {
    ...oneText,
    title: 'BANKING77, the first 8 intents',
    read: async (folder, counts) => {
      const rows = await banking(folder);
      const intents = [...new Set(rows.map(({ label }) => label))].sort().slice(0, 8);
      return split(
        rows.filter(({ label }) => intents.includes(label!)),
        counts,
        'BANKING77',
      );
    },
  },
  clinc150: {
    ...oneText,
    title: 'CLINC150, 10 domains',
    read: async (folder, counts) => split(clinc(join(folder, 'clinc150')), counts, 'CLINC150'),
  },
  'sms-spam': {
    ...oneText,
    title: 'SMS spam, 2 labels',
    read: async (folder, counts) => split(spam(join(folder, 'sms-spam')), counts, 'SMS spam'),
  },
  sick: {
    title: 'SICK, relatedness of pairs (Pearson)',
    textColumn: 'first',
    pairColumn: 'second',
    targetColumn: 'relatedness',
    kind: 'regression',
    read: async (folder, counts) => readSick(join(folder, 'sick'), { ...counts, test: 0 }),
  },
  snips: {
    ...oneText,
    title: 'SNIPS, 7 intents',
    read: async (folder, counts) => {
      const { train, validation } = readSnips(join(folder, 'snips'), { ...counts, test: 0 });
      const asText = ({ words, intent }: Row): Row => ({
        text: (words as readonly string[]).join(' '),
        label: intent!,
      });
      return { train: train.map(asText), validation: validation.map(asText) };
    },
  },
  glosses: {
    ...oneText,
    title: 'WordNet glosses, 45 supersenses (npm)',
    read: async (_, counts) => {
      const glosses = await readGlosses();
      return split(
        glosses.map(({ text, supersense }) => ({ text, label: supersense })),
        counts,
        'WordNet',
      );
    },
  },
};

/** The head that a dataset is learnt with. @param labels none for a number */
export function headOf({ kind, targetColumn }: Dataset, labels: readonly string[]): TargetHeadSpec {
  switch (kind) {
    case 'classification':
      return { kind, labelColumn: targetColumn, labels: [...labels], classWeights: { kind: 'none' } };
    case 'regression':
      return { kind, targetColumns: [targetColumn] };
    default:
      return kind satisfies never;
  }
}

/** Validation rows are cut first, so that they are the same for every number of training rows. */
function split(rows: readonly Row[], { train, validation }: Counts, source: string): Rows {
  const { train: first, validation: second } = cut(
    shuffled(rows),
    { train: validation, validation: train, test: 0 },
    source,
  );
  return { train: second, validation: first };
}

async function banking(dataFolder: string): Promise<Row[]> {
  const { train } = await bankingData(join(dataFolder, 'banking77'));
  return train.texts.map((text, row) => ({ text, label: train.labels[row]! }));
}

/**
 * CLINC150 (Larson et al. 2019).
 *
 * @param folder with data_full.json, whose `train` are pairs of text and intent, and domains.json: the intents of each
 * domain
 */
function clinc(folder: string): Row[] {
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const { train }: { train: [string, string][] } = read('data_full.json');
  const domains: Record<string, string[]> = read('domains.json');
  const domainOf = new Map(
    Object.entries(domains).flatMap(([domain, intents]) => intents.map((intent) => [intent, domain] as const)),
  );
  return train.map(([text, intent]) => ({ text, label: domainOf.get(intent)! }));
}

/** SMS Spam Collection (Almeida et al. 2011). @param folder with sms.tsv: label and text, a message a line */
function spam(folder: string): Row[] {
  return linesOf(folder, 'sms.tsv').map((line) => {
    const [label = '', text = ''] = line.split('\t');
    return { text, label };
  });
}
