import { setImmediate as turn } from 'node:timers/promises';
import {
  type AnswerReading,
  ConversationError,
  type ConversationErrorCode,
  createWriting,
  encodeJudgement,
} from '../conversations/index.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import type { ChatSources } from '../models/chat-sources.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { traitsOf } from '../protocol/architectures/index.js';
import type { RewardModellingSpec, RunSpec } from '../protocol/methods/index.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import { type PreferenceForm, preferenceColumns, requiredPreferenceColumns } from '../protocol/preference-form.js';
import { type Tokenizer, TokenizerError } from '../tokenizer/index.js';
import type { TokenCounts } from './experiment-plan.js';
import { countsOf } from './sample-tokens.js';

/** Rows of the sample: enough to know shares to within some percent. */
const sampledRows = 64;

/** Of a chat template, for the whole sample: about two seconds, with other requests between the rows. */
const mostSteps = 1_000_000;

/** A spec of a method that learns from judgements of answers. */
type PreferenceSpec = RunSpec & {
  readonly preference: PreferenceForm;
  readonly chatTemplate: string | null;
  readonly templateTime: string;
  readonly unlearnable: RewardModellingSpec['unlearnable'];
};

/** What a sample of the training split says of the answers that are judged. */
export interface SampledPreferences {
  readonly counts: TokenCounts;
  /** Tokens of each answer with its prompt, before truncation. */
  readonly lengths: readonly number[];
  readonly sampledRows: number;
  /** Rows that can not be learned, and the first of them. */
  readonly faultyRows: number;
  readonly fault: {
    readonly row: number;
    readonly code: ConversationErrorCode | null;
    readonly message: string;
  } | null;
  /** Whether the sample is the whole split. */
  readonly isWhole: boolean;
}

/**
 * Reads sampled rows as the model would read them.
 * @throws ProblemsError of the chat template; MISSING_ARTIFACT, INVALID_MODEL
 */
export async function samplePreferences(
  spec: PreferenceSpec,
  manifest: Pick<ModelManifest, 'files' | 'contextLength' | 'config'>,
  tokenizer: Tokenizer,
  {
    examples,
    chatSources,
  }: { readonly examples: Pick<ExampleReader, 'sampleTexts'>; readonly chatSources: ChatSources },
): Promise<SampledPreferences> {
  const { preference: form } = spec;
  const { maxLength, truncationSide } = spec.hyperparameters;
  const required = requiredPreferenceColumns(form);
  const optional = preferenceColumns(form).filter((column) => !required.includes(column));
  const sample = await examples.sampleTexts({
    digest: spec.datasetDigest,
    split: spec.trainSplit,
    textColumns: required,
    optionalColumns: optional,
    limit: sampledRows,
  });
  const cut = { tokenizer, maxLength, truncationSide };
  const { isCausal, readsPairs } = traitsOf(manifest.config);
  const reading: AnswerReading = isCausal
    ? { kind: 'written', ...cut, writing: await writingOf(spec, manifest, tokenizer, chatSources) }
    : { kind: 'pair', ...cut, readsPairs, readsTypes: false };
  const whole: AnswerReading = { ...reading, maxLength: Math.max(maxLength, manifest.contextLength) };
  const lengths: number[] = [];
  const faults: NonNullable<SampledPreferences['fault']>[] = [];
  let truncated = 0;
  for (const { row, texts } of sample) {
    const values = Object.fromEntries([...required, ...optional].map((column, i) => [column, texts[i] ?? null]));
    try {
      const cutOff = encodeJudgement(values, form, reading).encoded;
      const { encoded } = encodeJudgement(values, form, whole);
      lengths.push(...encoded.map(({ ids }) => ids.length));
      truncated += cutOff.filter((each) => each.truncated).length;
    } catch (error) {
      if (error instanceof ConversationError) faults.push({ row, code: error.code, message: error.message });
      else if (error instanceof TokenizerError) faults.push({ row, code: null, message: error.message });
      else throw error;
    }
    await turn();
  }
  return {
    counts: countsOf(lengths, maxLength, truncated),
    lengths,
    sampledRows: sample.length,
    faultyRows: faults.length,
    fault: faults[0] ?? null,
    isWhole: sample.length < sampledRows,
  };
}

/**
 * The problem of sampled rows that can not be learned: where such rows are to be refused, and where none of the split
 * can be learned.
 * @param path of the form in the input
 */
export function checkPreferences(
  { unlearnable, trainSplit }: Pick<PreferenceSpec, 'unlearnable' | 'trainSplit'>,
  sampled: SampledPreferences,
  path: readonly string[],
): InputProblem[] {
  const { sampledRows: count, faultyRows, fault, isWhole } = sampled;
  const areAll = faultyRows === count;
  if (fault === null || (unlearnable === 'leaveOut' && !(areAll && isWhole))) return [];
  const message = `${faultyRows} of ${count} sampled rows of the split “${trainSplit}” can not be learned. Row ${fault.row}: ${fault.message}.`;
  const remedies = [
    fault.code === 'NO_TARGET' || fault.code === 'EQUAL_ANSWERS'
      ? 'Raise maxLength, so that answers are not cut before they differ, or correct the rows'
      : 'Correct the rows',
    ...(areAll ? [] : ['or choose `unlearnable: LEAVE_OUT`']),
  ];
  return [problem(path, 'UNLEARNABLE_ROWS', message, `${remedies.join(', ')}.`)];
}

async function writingOf(
  { method, chatTemplate: template, templateTime }: PreferenceSpec,
  { files }: Pick<ModelManifest, 'files'>,
  tokenizer: Tokenizer,
  chatSources: ChatSources,
) {
  const source = await chatSources.of(files);
  try {
    return createWriting(tokenizer, source, {
      template,
      learned: 'assistantTurns',
      now: new Date(templateTime),
      totalSteps: mostSteps,
    });
  } catch (error) {
    if (!(error instanceof ConversationError)) throw error;
    throw new ProblemsError([problem(['method', method, 'chatTemplate'], 'INVALID_VALUE', error.message)]);
  }
}
