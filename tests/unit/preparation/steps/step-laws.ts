import type { PreparationStep } from '../../../../src/protocol/preparation/recipe.js';
import { usualScan } from '../../../../src/protocol/preparation/steps/personal-data.js';

/** What holds of a step, whatever the rows are. What is not said does not happen. */
export interface Law {
  /** The kind of the step, unless there are several of it. */
  readonly name?: string;
  readonly step: { readonly kind: PreparationStep['kind'] } & Readonly<Record<string, unknown>>;
  /** Rows may go. */
  readonly drops?: true;
  /** Rows may come, with numbers of their own. */
  readonly adds?: true;
  /** Columns whose values may change. */
  readonly writes?: readonly string[];
  /** Rows may change their split. */
  readonly splits?: true;
  /** A column comes whose values the step found; rows that have one count as changed. */
  readonly marks?: true;
  /** Columns change names: what a column held before is not under its name. */
  readonly renames?: true;
  /**
   * What the step does to its own result: nothing (`same`), something (`differs`), or it is refused with a code at
   * `refusedAt`.
   */
  readonly again: 'same' | 'differs' | 'INVALID_COLUMN_NAME' | 'UNKNOWN_COLUMN' | 'UNKNOWN_SPLIT';
  readonly refusedAt?: readonly string[];
}

const drawn = [
  { name: 'train', fraction: 0.5 },
  { name: 'test', fraction: 0.5 },
];
const mask = { kind: 'maskPersonalData', columns: ['text'], ...usualScan, seed: 3 } as const;
const duplicates = { kind: 'dropDuplicates', columns: ['text'], keep: 'first', splitOrder: [], versions: [] } as const;
const conflicts = { kind: 'resolveLabelConflicts', columns: ['text'], match: 'normalized', label: 'label' } as const;
const labels = { kind: 'mapLabels', column: 'label', ignoreCase: true, ignoreWhiteSpace: true } as const;
const merged = { kind: 'mergeColumns', columns: ['text', 'label'], separator: ': ' } as const;
const balance = { kind: 'balanceLabels', column: 'label', split: 'train', seed: 3 } as const;
const noise = { kind: 'randomDeletion', share: 0.3 } as const;
const language = { kind: 'filterLanguage', column: 'text', minConfidence: 0.5, keepUnknown: true } as const;

export const laws: readonly Law[] = [
  // Texts
  { step: { kind: 'collapseWhiteSpace', columns: null }, writes: ['text', 'label', 'part'], again: 'same' },
  { step: { kind: 'normalizeUnicode', columns: ['text'], form: 'NFKC' }, writes: ['text'], again: 'same' },
  { step: { kind: 'removeControlCharacters', columns: ['text'] }, writes: ['text'], again: 'same' },
  { step: { kind: 'repairMojibake', columns: ['text'] }, writes: ['text'], again: 'same' },
  ...(['lower', 'upper', 'sentence', 'title'] as const).map((to): Law => {
    return {
      name: `changeCase to ${to}`,
      step: { kind: 'changeCase', columns: ['text'], to },
      writes: ['text'],
      again: 'same',
    };
  }),
  { step: { kind: 'htmlToText', columns: ['text'] }, writes: ['text'], again: 'differs' },
  {
    step: { kind: 'replacePattern', columns: ['text'], pattern: '\\d{5}', replacement: '#', firstOnly: true },
    writes: ['text'],
    again: 'differs',
  },
  { step: { ...mask, mask: 'LABEL' }, writes: ['text'], again: 'same' },
  { name: 'maskPersonalData by pseudonyms', step: { ...mask, mask: 'PSEUDONYM' }, writes: ['text'], again: 'differs' },
  // Labels
  { step: { ...labels, labels: [{ from: 'b', to: 'c' }], others: 'KEEP' }, writes: ['label'], again: 'same' },
  {
    name: 'mapLabels, a swap',
    step: {
      ...labels,
      labels: [
        { from: 'a', to: 'b' },
        { from: 'b', to: 'a' },
      ],
      others: 'REMOVE',
    },
    writes: ['label'],
    again: 'differs',
  },
  { step: { ...conflicts, action: 'drop', ties: 'drop' }, drops: true, again: 'same' },
  {
    name: 'resolveLabelConflicts by majority',
    step: { ...conflicts, action: 'majority', ties: 'first' },
    writes: ['label'],
    again: 'same',
  },
  {
    name: 'resolveLabelConflicts by marks',
    step: { ...conflicts, action: 'mark', ties: 'first', markColumn: 'mark' },
    marks: true,
    again: 'INVALID_COLUMN_NAME',
    refusedAt: ['markColumn'],
  },
  // Columns
  { step: { kind: 'dropColumns', columns: ['at'] }, again: 'UNKNOWN_COLUMN', refusedAt: ['columns', '0'] },
  {
    step: { kind: 'renameColumns', names: [{ from: 'label', to: 'class' }] },
    renames: true,
    again: 'UNKNOWN_COLUMN',
    refusedAt: ['names', '0', 'from'],
  },
  {
    name: 'renameColumns, a swap',
    step: {
      kind: 'renameColumns',
      names: [
        { from: 'text', to: 'label' },
        { from: 'label', to: 'text' },
      ],
    },
    writes: ['text', 'label'],
    renames: true,
    again: 'differs',
  },
  {
    step: { ...merged, as: 'both', dropMerged: false },
    marks: true,
    again: 'INVALID_COLUMN_NAME',
    refusedAt: ['as'],
  },
  {
    name: 'mergeColumns, which go',
    step: { ...merged, as: 'text', dropMerged: true },
    writes: ['text'],
    again: 'UNKNOWN_COLUMN',
    refusedAt: ['columns', '1'],
  },
  // Gaps
  { step: { kind: 'fillMissing', columns: ['score'], by: 'MEAN' }, writes: ['score'], again: 'same' },
  {
    name: 'fillMissing of blank texts',
    step: { kind: 'fillMissing', columns: ['label'], by: 'MODE', groupBy: 'part', blankIsMissing: true },
    writes: ['label'],
    again: 'same',
  },
  {
    step: { kind: 'dropMissing', columns: ['text', 'score'], when: 'ANY', blankIsMissing: true },
    drops: true,
    again: 'same',
  },
  {
    step: { kind: 'markMissing', column: 'score', as: 'gap' },
    marks: true,
    again: 'INVALID_COLUMN_NAME',
    refusedAt: ['as'],
  },
  // Types
  {
    name: 'castColumn, which makes missing',
    step: { kind: 'castColumn', column: 'score', to: 'INTEGER', others: 'REMOVE' },
    writes: ['score'],
    again: 'same',
  },
  {
    name: 'castColumn, which drops',
    step: { kind: 'castColumn', column: 'score', to: 'INTEGER', others: 'DROP' },
    drops: true,
    again: 'same',
  },
  // Filters
  {
    step: { kind: 'filterRows', where: { operator: 'in', column: 'label', values: ['a', 'b'] } },
    drops: true,
    again: 'same',
  },
  {
    step: {
      kind: 'filterLength',
      column: 'text',
      unit: 'words',
      atLeast: 2,
      atMost: 11,
      model: null,
      keepMissing: true,
    },
    drops: true,
    again: 'same',
  },
  { step: { ...language, action: 'KEEP', languages: ['de'] }, drops: true, again: 'same' },
  {
    name: 'filterLanguage, which marks',
    step: { ...language, action: 'MARK', languages: [], as: 'language' },
    marks: true,
    again: 'INVALID_COLUMN_NAME',
    refusedAt: ['as'],
  },
  { step: { kind: 'sampleRows', seed: 1, count: 7 }, drops: true, again: 'same' },
  {
    name: 'sampleRows by share',
    step: { kind: 'sampleRows', seed: 1, share: 0.5, within: { kind: 'split' } },
    drops: true,
    again: 'differs',
  },
  // Duplicates
  ...(['exact', 'normalized', 'near'] as const).map((match): Law => {
    return {
      name: `dropDuplicates, ${match}`,
      step: { ...duplicates, match, scope: 'rows' },
      drops: true,
      again: 'same',
    };
  }),
  {
    name: 'dropDuplicates of splits',
    step: { ...duplicates, match: 'normalized', scope: 'splits', splitOrder: ['test'] },
    drops: true,
    again: 'same',
  },
  // Splits
  {
    step: { kind: 'drawSplits', fractions: drawn, seed: 3, stratifyBy: 'label', groupBy: ['at'] },
    splits: true,
    again: 'same',
  },
  {
    step: { kind: 'splitByTime', column: 'at', splits: ['train', 'test'], cuts: ['50'] },
    splits: true,
    again: 'same',
  },
  { step: { kind: 'splitFromColumn', column: 'part' }, splits: true, again: 'same' },
  {
    step: { kind: 'renameSplits', names: [{ from: 'test', to: 'held-out' }] },
    splits: true,
    again: 'UNKNOWN_SPLIT',
    refusedAt: ['names', '0'],
  },
  { step: { kind: 'keepSplits', splits: ['train'] }, drops: true, again: 'same' },
  {
    step: { kind: 'assignFolds', column: 'fold', folds: 3, seed: 1, keepTogether: [] },
    marks: true,
    again: 'INVALID_COLUMN_NAME',
    refusedAt: ['column'],
  },
  // Rows that are made
  {
    step: {
      kind: 'augmentText',
      column: 'text',
      methods: [noise],
      amount: { kind: 'ofEachRow', copies: 1 },
      split: 'train',
      seed: 1,
    },
    adds: true,
    again: 'differs',
  },
  {
    step: {
      kind: 'addFromTemplates',
      column: 'text',
      templates: ['{text}!', 'Of {part}: {text}'],
      split: 'test',
      seed: 1,
    },
    adds: true,
    again: 'differs',
  },
  { step: { ...balance, target: { kind: 'largest' } }, adds: true, again: 'same' },
  { name: 'balanceLabels by dropping', step: { ...balance, target: { kind: 'smallest' } }, drops: true, again: 'same' },
  {
    name: 'balanceLabels to the mean',
    step: { ...balance, target: { kind: 'mean', by: 'both' } },
    adds: true,
    drops: true,
    again: 'same',
  },
];
