import { traitsOf } from '../../../src/protocol/architectures/index.js';
import { measuredSplitOf } from '../../../src/protocol/held-out.js';
import type { PreferenceOptimizationSpec } from '../../../src/protocol/methods/index.js';
import { exampleCount } from '../../data/preference-examples.js';
import { type Preferences, readPreferences } from '../../data/preferences.js';
import type { NamedInput, SplitPart } from '../../data/split-rows.js';
import { answerReadingOf } from '../../models/answer-reading.js';
import { verifiedPath } from '../../models/artifacts.js';
import type { LoadedModel } from '../../models/load-model.js';
import { ProblemError } from '../../problem-error.js';
import { beatOrLeave } from '../../stop-wishes.js';
import { notCausal } from '../load-language.js';
import { partOf } from '../load-training.js';
import { type OpenLanguageModel, openLanguageModel } from '../open-language-model.js';
import { readPreferenceRows } from '../preference-rows.js';
import type { TrainingRun, TrainingTools } from '../training-tools.js';
import { type PreferenceTexts, preferenceTexts } from './preference-texts.js';
import { describeThumbs } from './thumb-balance.js';

/** Rows that a problem names. */
const namedRows = 3;

/** What preference optimization starts from. */
export interface PreferenceInput extends OpenLanguageModel {
  readonly training: PreferenceTexts;
  readonly validation: PreferenceTexts;
  /** A chat template in place of the base model's; absent: there is none. */
  readonly chatTemplate?: string;
}

/**
 * Opens the base model, and reads the judged answers of both splits as it reads them, each prompt once. A training that
 * memory cannot hold is refused before weights and rows are read; so is one with rows that can not be learned, unless
 * its spec leaves them out.
 * Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL, OUT_OF_MEMORY, TOO_LONG, INVALID_VALUE, UNKNOWN_COLUMN,
 * WRONG_COLUMN_TYPE, EMPTY_SPLIT, UNLEARNABLE_ROWS, UNKNOWN_MODULE.
 */
export async function loadPreferences(
  run: TrainingRun<PreferenceOptimizationSpec>,
  tools: TrainingTools,
): Promise<PreferenceInput> {
  const { spec } = run;
  return openLanguageModel(
    spec,
    tools,
    (config) => {
      if (!traitsOf(config).isCausal) throw notCausal(config.architecture);
    },
    async (base) => ({
      ...(await readBoth(run, base, tools.store)),
      ...(spec.chatTemplate === null ? {} : { chatTemplate: spec.chatTemplate }),
    }),
  );
}

async function readBoth(
  { spec, context }: TrainingRun<PreferenceOptimizationSpec>,
  model: LoadedModel,
  store: TrainingTools['store'],
): Promise<Pick<PreferenceInput, 'training' | 'validation'>> {
  const { preference: form, objective, hyperparameters, trainSplit, validationSplit } = spec;
  const { maxLength, truncationSide } = hyperparameters;
  const reading = await answerReadingOf(model, store, spec, { maxLength, truncationSide });
  const path = await verifiedPath(store, spec.datasetDigest, 'the dataset version');
  async function read(split: NamedInput, part: SplitPart | null, shownAs: string): Promise<PreferenceTexts> {
    const { rows, rowsWithoutText } = await readPreferenceRows(form, { path, split, part, formPath: ['preference'] });
    beatOrLeave(context);
    const found = readPreferences(rows, form, reading, () => beatOrLeave(context));
    if (spec.unlearnable === 'refuse' && found.unread.length > 0) throw unlearnable(split, found, rows.length);
    const texts = preferenceTexts(found, objective, maxLength);
    if (exampleCount(texts.examples) === 0) throw nothingLeft(split, found);
    const level = found.unread.length > 0 ? 'WARNING' : 'INFO';
    const message = describe(shownAs, found, texts, maxLength, rowsWithoutText);
    await context.events([{ kind: 'logLine', level, message }]);
    return texts;
  }

  const isHeldOut = spec.heldOut !== undefined;
  const training = await read({ name: trainSplit, path: ['trainSplit'] }, partOf(spec, false), trainSplit);
  await context.events(describeThumbs(objective, training.examples));
  return {
    training,
    validation: await read(
      { name: validationSplit, path: ['validationSplit'] },
      partOf(spec, true),
      isHeldOut ? measuredSplitOf(spec) : validationSplit,
    ),
  };
}

function describe(
  split: string,
  { texts, unread }: Preferences,
  { rows, examples, answerTokens }: PreferenceTexts,
  maxLength: number,
  rowsWithoutText: number,
): string {
  const number = (value: number) => value.toLocaleString('en');
  const answers = answerTokens.reduce((sum, count) => sum + count, 0);
  const truncated = texts.truncated.reduce((sum, is) => sum + is, 0);
  const count = exampleCount(examples);
  const what = examples.kind === 'pairs' ? 'pairs' : 'answers';
  return (
    `Split ${split}: ${number(count)} ${what}, ${number(rows.ids.length)} tokens, ${number(answers)} of them in answers` +
    (truncated === 0 ? '' : `; ${number(truncated)} texts cut to ${maxLength} tokens`) +
    (rowsWithoutText === 0 ? '' : `; left out: ${number(rowsWithoutText)} rows without an answer`) +
    (unread.length === 0 ? '' : `; left out: ${number(unread.length)} rows that can not be learned: ${firstOf(unread)}`)
  );
}

function firstOf(rows: Preferences['unread']): string {
  const named = rows.slice(0, namedRows).map(({ row, message }) => `row ${row}: ${message}`);
  return `${named.join('; ')}${rows.length > namedRows ? '; …' : ''}`;
}

function unlearnable({ name, path }: NamedInput, { unread }: Preferences, rows: number): ProblemError {
  return new ProblemError({
    path: [...path],
    code: 'UNLEARNABLE_ROWS',
    message: `${unread.length} of ${rows} rows of split “${name}” can not be learned: ${firstOf(unread)}`,
    hint:
      unread.length === rows
        ? 'Correct the rows, or raise maxLength where answers are cut off.'
        : 'Correct the rows, raise maxLength where answers are cut off, or set `unlearnable: LEAVE_OUT`.',
  });
}

function nothingLeft({ name, path }: NamedInput, { unread }: Preferences): ProblemError {
  return new ProblemError({
    path: [...path],
    code: 'EMPTY_SPLIT',
    message:
      unread.length === 0
        ? `split “${name}” has no two answers to the same prompt of which one is better`
        : `no row of split “${name}” can be learned: ${firstOf(unread)}`,
    hint: 'Choose another split, or other columns of the judgements.',
  });
}
