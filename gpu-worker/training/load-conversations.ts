import { type DecoderConfig, traitsOf } from '../../src/protocol/architectures/index.js';
import { measuredSplitOf } from '../../src/protocol/held-out.js';
import type { InstructionTuningSpec } from '../../src/protocol/methods/index.js';
import { type Conversations, readConversations } from '../data/conversations.js';
import type { NamedInput, SplitPart } from '../data/split-rows.js';
import { verifiedPath } from '../models/artifacts.js';
import type { LoadedModel } from '../models/load-model.js';
import { writingOf } from '../models/writing-of.js';
import { ProblemError } from '../problem-error.js';
import { beatOrLeave } from '../stop-wishes.js';
import { readConversationRows } from './conversation-rows.js';
import {
  type LanguageInput,
  type LanguageTexts,
  notCausal,
  rowsOfSequences,
  sameInEachEpoch,
} from './load-language.js';
import { partOf } from './load-training.js';
import { openLanguageModel } from './open-language-model.js';
import type { TrainingRun, TrainingTools } from './training-tools.js';

/** Rows that a problem names. */
const namedRows = 3;

/**
 * Opens the base model, and reads the conversations of both splits as it reads them. A training that memory cannot hold
 * is refused before weights and rows are read; so is one with rows that can not be learned, unless its spec leaves them
 * out.
 * Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL, OUT_OF_MEMORY, TOO_LONG, INVALID_VALUE, UNKNOWN_COLUMN,
 * EMPTY_SPLIT, UNLEARNABLE_ROWS, UNKNOWN_MODULE.
 */
export async function loadConversations(
  run: TrainingRun<InstructionTuningSpec>,
  tools: TrainingTools,
): Promise<LanguageInput> {
  const { spec } = run;
  return openLanguageModel(
    spec,
    tools,
    (config) => {
      if (!traitsOf(config).isCausal) throw notCausal(config.architecture);
    },
    async (base) => ({
      ...(await readBoth(run, base, tools.store)),
      control: null,
      ...(spec.chatTemplate === null ? {} : { chatTemplate: spec.chatTemplate }),
    }),
  );
}

async function readBoth(
  { spec, context }: TrainingRun<InstructionTuningSpec>,
  { manifest, tokenizer }: LoadedModel,
  store: TrainingTools['store'],
): Promise<Pick<LanguageInput, 'training' | 'validation'>> {
  const { conversation: form, hyperparameters, trainSplit, validationSplit } = spec;
  const { maxLength, truncationSide } = hyperparameters;
  const writing = await writingOf(spec, { manifest, tokenizer }, store);
  const path = await verifiedPath(store, spec.datasetDigest, 'the dataset version');
  async function read(split: NamedInput, part: SplitPart | null, shownAs: string): Promise<LanguageTexts> {
    const from = { path, split, part, formPath: ['conversation'] };
    const { rows, rowsWithoutText } = await readConversationRows(form, from);
    beatOrLeave(context);
    const read = readConversations(rows, { form, writing, tokenizer, maxLength, truncationSide }, () =>
      beatOrLeave(context),
    );
    if (spec.unlearnable === 'refuse' && read.unlearnable.length > 0) throw unlearnable(split, read);
    if (read.count === 0) throw nothingLeft(split, read);
    const packed = rowsOfSequences(read.sequences, spec.packing, manifest.config as DecoderConfig, hyperparameters);
    const level = read.unlearnable.length > 0 ? 'WARNING' : 'INFO';
    const message = describe(shownAs, read, packed.lengths.length, maxLength, rowsWithoutText);
    await context.events([{ kind: 'logLine', level, message }]);
    return sameInEachEpoch(packed, read.bytes, read.sequences);
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

function describe(
  split: string,
  { count, sequences, truncated, unlearnable: left }: Conversations,
  rows: number,
  maxLength: number,
  rowsWithoutText: number,
): string {
  const number = (value: number) => value.toLocaleString('en');
  const targets = sequences.isTarget.reduce((sum, each) => sum + each, 0);
  return (
    `Split ${split}: ${number(count)} conversations, ${number(sequences.ids.length)} tokens, ${number(targets)} of them ` +
    `learned, in ${number(rows)} rows of up to ${maxLength} tokens` +
    (truncated === 0 ? '' : `; ${number(truncated)} cut to ${maxLength} tokens`) +
    (rowsWithoutText === 0 ? '' : `; left out: ${number(rowsWithoutText)} rows without a text`) +
    (left.length === 0 ? '' : `; left out: ${number(left.length)} rows that can not be learned: ${firstOf(left)}`)
  );
}

function firstOf(rows: Conversations['unlearnable']): string {
  const named = rows.slice(0, namedRows).map(({ row, message }) => `row ${row}: ${message}`);
  return `${named.join('; ')}${rows.length > namedRows ? '; …' : ''}`;
}

function unlearnable({ name, path }: NamedInput, { count, unlearnable: rows }: Conversations): ProblemError {
  return new ProblemError({
    path: [...path],
    code: 'UNLEARNABLE_ROWS',
    message: `${rows.length} of ${count + rows.length} rows of split “${name}” can not be learned: ${firstOf(rows)}`,
    hint:
      count === 0
        ? 'Correct the rows, or raise maxLength where answers are cut off.'
        : 'Correct the rows, raise maxLength where answers are cut off, or set `unlearnable: LEAVE_OUT`.',
  });
}

function nothingLeft({ name, path }: NamedInput, { unlearnable: rows }: Conversations): ProblemError {
  return new ProblemError({
    path: [...path],
    code: 'EMPTY_SPLIT',
    message: `no row of split “${name}” can be learned: ${firstOf(rows)}`,
    hint: 'Look at `DatasetVersion.conversations`, which shows what is wrong with each row.',
  });
}
