import type { MaskedModel } from '../../gpu-worker/preparation/augmentation/masked-model.js';
import type { RowTable, StepTools } from '../../gpu-worker/preparation/row-table.js';
import { AddFromTemplates, AugmentText, BalanceLabels } from '../../src/protocol/preparation/steps/augmentation.js';
import { edaMethods } from './eda-methods.js';
import { openStepDatabase, type StepDatabase, type TestRow } from './step-database.js';

/** Guesses `song` everywhere. */
const songs: MaskedModel = {
  predictMasked: () => async (texts) =>
    texts.map(({ masked }) => masked.map(() => [{ word: 'song', logProbability: -1 }])),
  release: async () => undefined,
};
export interface MadeRow {
  readonly row: number;
  readonly split: string | null;
  readonly madeBy: string | null;
  readonly source: number | null;
  readonly values: readonly unknown[];
}

const texts: readonly TestRow[] = [
  { split: 'train', values: ['The film starts quickly, and ends.', 'film'] },
  { split: 'validation', values: ['I bought a car yesterday.', 'car'] },
  { split: 'train', values: ['We purchase cars.', 'car'] },
  { split: 'test', values: ['Movies are concealed here.', 'film'] },
  { split: 'train', values: [null, 'film'] },
  { split: null, values: ['This row has no split yet.', 'film'] },
];

export const augment = (more: Partial<AugmentText> = {}): AugmentText =>
  AugmentText.parse({
    kind: 'augmentText',
    column: 'text',
    methods: edaMethods(0.2, 0.25),
    amount: { kind: 'ofEachRow', copies: 4 },
    split: 'train',
    seed: 7,
    ...more,
  });
export const templated = (more: Partial<AddFromTemplates> = {}): AddFromTemplates =>
  AddFromTemplates.parse({
    kind: 'addFromTemplates',
    column: 'text',
    templates: ['Please: {text:small}', '{text} ({label})'],
    perRow: null,
    split: 'train',
    seed: 7,
    ...more,
  });
export const balance = (more: Partial<BalanceLabels> = {}): BalanceLabels =>
  BalanceLabels.parse({
    kind: 'balanceLabels',
    column: 'label',
    target: { kind: 'largest' },
    change: null,
    split: 'train',
    seed: 7,
    ...more,
  });

export interface AugmentationRoom extends StepDatabase {
  /** Rows of all splits, with a text missing and a split missing. */
  texted(): Promise<RowTable>;
  rowsOf(table: RowTable): Promise<MadeRow[]>;
}

/** A database for steps that make rows. Its masked model guesses `song` everywhere. */
export async function openAugmentationRoom(): Promise<AugmentationRoom> {
  const room = await openStepDatabase();
  const tools: StepTools = { ...room.tools, maskedModel: async () => songs };
  return {
    ...room,
    tools,
    texted: () => room.load({ text: 'TEXT', label: 'TEXT' }, texts),
    rowsOf: (table) => rowsOf(room, table),
  };
}

async function rowsOf({ database }: StepDatabase, { name, columns }: RowTable): Promise<MadeRow[]> {
  const fields = columns.map(({ field }) => `to_json(${field})::VARCHAR AS ${field}`);
  const rows = await database.query<Record<string, never>>(
    `SELECT row::DOUBLE AS number, split, made_by, source_row::DOUBLE AS source, ${fields.join(', ')} FROM ${name} ORDER BY row`,
  );
  return rows.map((each) => ({
    row: each.number!,
    split: each.split!,
    madeBy: each.made_by!,
    source: each.source!,
    values: columns.map(({ field }) => (each[field] === null ? null : JSON.parse(each[field]!))),
  }));
}
