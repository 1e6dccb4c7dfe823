import { measuredSplitOf } from '../../src/protocol/held-out.js';
import { headsOf, type RewardModellingSpec, textsPerExample } from '../../src/protocol/methods/index.js';
import { type Comparisons, comparisonsOf } from '../data/comparisons.js';
import { type Preferences, readPreferences } from '../data/preferences.js';
import type { NamedInput, SplitPart } from '../data/split-rows.js';
import type { Examples } from '../forward/examples.js';
import { planModel } from '../forward/model-plan.js';
import { headToTrain } from '../heads/index.js';
import { answerReadingOf } from '../models/answer-reading.js';
import { verifiedPath } from '../models/artifacts.js';
import { type LoadedModel, loadManifest, loadModel } from '../models/load-model.js';
import { ProblemError } from '../problem-error.js';
import { beatOrLeave } from '../stop-wishes.js';
import { checkLength, partOf, type TrainingInput } from './load-training.js';
import { checkMemory, plannedBytes } from './memory-estimate.js';
import { readPreferenceRows } from './preference-rows.js';
import type { TrainingRun, TrainingTools } from './training-tools.js';

/** Rows that a problem names. */
const namedRows = 3;

/** Judged answers of a split, and the pairs that they make. */
export interface JudgedTexts {
  readonly preferences: Preferences;
  readonly comparisons: Comparisons;
  /** Rows of the split that say nothing to compare, and those that lack an answer. */
  readonly leftOutCount: number;
}

/** What the training of a reward model starts from. */
export interface RewardInput extends TrainingInput {
  readonly judged: { readonly training: JudgedTexts; readonly validation: JudgedTexts };
  readonly chatTemplate?: string;
}

/**
 * Opens the base model, and reads the judged answers of both splits as it reads them. A training that memory cannot
 * hold is refused before weights and rows are read; so is one with rows that can not be learned, unless its spec leaves
 * them out.
 * Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL, OUT_OF_MEMORY, TOO_LONG, TOO_LARGE, INVALID_VALUE,
 * UNKNOWN_COLUMN, EMPTY_SPLIT, UNLEARNABLE_ROWS, UNKNOWN_MODULE.
 */
export async function loadPreferences(
  run: TrainingRun<RewardModellingSpec>,
  { store, availableBytes }: TrainingTools,
): Promise<RewardInput> {
  const { spec } = run;
  const manifest = await loadManifest(store, spec.baseModelDigest);
  checkLength(spec, manifest);
  const h = spec.hyperparameters;
  const plan = planModel(manifest, headsOf(spec).map(headToTrain), h);
  checkMemory(plannedBytes(plan, { ...h, batchSize: textsPerExample(spec) * h.batchSize }), availableBytes());
  const base = await loadModel(store, spec.baseModelDigest);
  try {
    const judged = await readBoth(run, base, store);
    return {
      plan,
      base,
      judged,
      training: examplesOf(judged.training),
      validation: examplesOf(judged.validation),
      ...(spec.chatTemplate === null ? {} : { chatTemplate: spec.chatTemplate }),
      [Symbol.asyncDispose]: () => base.weights.close(),
    };
  } catch (error) {
    await base.weights.close();
    throw error;
  }
}

async function readBoth(
  { spec, context }: TrainingRun<RewardModellingSpec>,
  model: LoadedModel,
  store: TrainingTools['store'],
): Promise<RewardInput['judged']> {
  const { preference: form, hyperparameters, trainSplit, validationSplit, weighting } = spec;
  const reading = await answerReadingOf(model, store, spec, hyperparameters);
  const path = await verifiedPath(store, spec.datasetDigest, 'the dataset version');
  async function read(split: NamedInput, part: SplitPart | null, shownAs: string): Promise<JudgedTexts> {
    const from = { path, split, part, formPath: ['preference'] };
    const { rows, rowsWithoutText } = await readPreferenceRows(form, from);
    beatOrLeave(context);
    const preferences = readPreferences(rows, form, reading, () => beatOrLeave(context));
    if (spec.unlearnable === 'refuse' && preferences.unread.length > 0)
      throw unlearnable(split, preferences, rows.length);
    const comparisons = comparisonsOf(preferences, weighting);
    if (comparisons.weights.length === 0) throw nothingToCompare(split, preferences, form.kind);
    const level = preferences.unread.length > 0 ? 'WARNING' : 'INFO';
    const message = describe(
      shownAs,
      preferences,
      comparisons,
      hyperparameters.maxLength,
      rowsWithoutText,
      form.promptColumn,
    );
    await context.events([{ kind: 'logLine', level, message }]);
    return { preferences, comparisons, leftOutCount: preferences.unread.length + rowsWithoutText };
  }
  const isHeldOut = spec.heldOut !== undefined;
  return {
    training: await read({ name: trainSplit, path: ['trainSplit'] }, partOf(spec, false), trainSplit),
    validation: await read(
      { name: validationSplit, path: ['validationSplit'] },
      partOf(spec, true),
      isHeldOut ? measuredSplitOf(spec) : validationSplit,
    ),
  };
}

function examplesOf({ preferences: { texts, rows }, leftOutCount }: JudgedTexts): Examples {
  return {
    texts,
    targets: [],
    count: rows.length,
    rows: [...rows],
    rowsWithoutText: leftOutCount,
    rowsWithoutLabel: 0,
    unknown: [],
  };
}

function describe(
  split: string,
  { texts, unread, rows }: Preferences,
  { weights }: Comparisons,
  maxLength: number,
  rowsWithoutText: number,
  promptColumn: string | null,
): string {
  const number = (value: number) => value.toLocaleString('en');
  const cut = texts.truncated.reduce((sum, each) => sum + each, 0);
  return (
    `Split ${split}: ${number(weights.length)} pairs of ${number(rows.length)} answers, ${number(texts.ids.length)} ` +
    `tokens${promptColumn === null ? ', without a column of prompts' : ` with the prompts of “${promptColumn}”`}; ${number(cut)} cut to ${maxLength} tokens` +
    (rowsWithoutText === 0 ? '' : `; left out: ${number(rowsWithoutText)} rows without an answer`) +
    (unread.length === 0 ? '' : `; left out: ${number(unread.length)} rows that can not be learned: ${firstOf(unread)}`)
  );
}

function firstOf(rows: Preferences['unread']): string {
  const named = rows.slice(0, namedRows).map(({ row, message }) => `row ${row}: ${message}`);
  return `${named.join('; ')}${rows.length > namedRows ? '; …' : ''}`;
}

function unlearnable({ name, path }: NamedInput, { unread }: Preferences, count: number): ProblemError {
  return new ProblemError({
    path: [...path],
    code: 'UNLEARNABLE_ROWS',
    message: `${unread.length} of ${count} rows of split “${name}” can not be learned: ${firstOf(unread)}`,
    hint: 'Correct the rows, raise maxLength where answers are cut off, or set `unlearnable: LEAVE_OUT`.',
  });
}

const noPairs = {
  pairs: 'no row holds two answers of which one is better',
  rated: 'no two answers to the same prompt have different ratings',
  thumbs: 'not both a good answer and one that is not are there',
} as const;

function nothingToCompare(
  { name, path }: NamedInput,
  { unread }: Preferences,
  kind: keyof typeof noPairs,
): ProblemError {
  return new ProblemError({
    path: [...path],
    code: 'EMPTY_SPLIT',
    message:
      `nothing in split “${name}” can be compared: ${noPairs[kind]}` +
      (unread.length === 0 ? '' : `; ${unread.length} rows can not be read: ${firstOf(unread)}`),
    hint:
      kind === 'rated'
        ? 'Choose another split, or learn the ratings by a regression, which compares nothing.'
        : 'Choose another split, or other columns.',
  });
}
