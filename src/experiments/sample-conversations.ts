import { setImmediate as turn } from 'node:timers/promises';
import { ConversationError, type ConversationErrorCode, createWriting } from '../conversations/index.js';
import { type RowWriting, writeRow } from '../datasets/conversations/write-row.js';
import type { WrittenConversationType } from '../datasets/conversations/written-conversation.type.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import type { ChatSources } from '../models/chat-sources.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { optionalColumns, requiredColumns } from '../protocol/conversation-form.js';
import type { InstructionTuningSpec } from '../protocol/methods/index.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import type { Tokenizer } from '../tokenizer/index.js';
import type { PlannedConversations, TokenCounts } from './experiment-plan.js';
import { countsOf } from './sample-tokens.js';

/** Conversations of the sample: enough to know shares to within some percent. */
const sampledConversations = 64;

/** Of a chat template, for the whole sample: about two seconds, with other requests between the rows. */
const mostSteps = 1_000_000;

/** Rows with a fault that are shown. */
const shownFaults = 5;

const path = ['method', 'instructionTuning'];

/**
 * Writes sampled rows as the model would read them, and counts what is learned of them. Where rows take a chat template
 * many steps, the sample ends with the last one that was written in full.
 * @throws ProblemsError of the chat template; MISSING_ARTIFACT, INVALID_MODEL
 */
export async function sampleConversations(
  spec: InstructionTuningSpec,
  { files, contextLength }: Pick<ModelManifest, 'files' | 'contextLength'>,
  tokenizer: Tokenizer,
  {
    examples,
    chatSources,
  }: { readonly examples: Pick<ExampleReader, 'sampleTexts'>; readonly chatSources: ChatSources },
): Promise<{
  readonly counts: TokenCounts;
  readonly lengths: readonly number[];
  readonly conversations: PlannedConversations;
  /** Whether the sample is the whole split. */
  readonly isWhole: boolean;
}> {
  const { conversation: form, learned, chatTemplate: template, templateTime } = spec;
  const { maxLength, truncationSide } = spec.hyperparameters;
  const columns = [...requiredColumns(form), ...optionalColumns(form)];
  const [source, sample] = await Promise.all([
    chatSources.of(files),
    examples.sampleTexts({
      digest: spec.datasetDigest,
      split: spec.trainSplit,
      textColumns: requiredColumns(form),
      optionalColumns: optionalColumns(form),
      limit: sampledConversations,
    }),
  ]);
  const how: Omit<RowWriting, 'maxLength'> = {
    form,
    tokenizer,
    truncationSide,
    writing: orProblem(() =>
      createWriting(tokenizer, source, { template, learned, now: new Date(templateTime), totalSteps: mostSteps }),
    ),
  };
  const written: WrittenConversationType[] = [];
  const lengths: number[] = [];
  for (const { row, texts } of sample) {
    const values = Object.fromEntries(columns.map((column, index) => [column, texts[index] ?? null]));
    const shown = writeRow({ row, values }, { ...how, maxLength });
    if (shown.fault?.code === 'NOT_TRIED') break;
    written.push(shown);
    if (shown.text !== null) {
      lengths.push(shown.truncated || shown.fault !== null ? lengthOf(shown.text) : shown.tokens.length);
    }
    await turn();
  }
  // Of a text that was written, maxLength cuts the answers off; else the template left them out.
  const isCutOff = ({ text, fault }: WrittenConversationType) => text !== null && fault?.code === 'NO_TARGET';
  const learnable = written.filter(({ fault }) => fault === null);
  const targets = learnable.reduce((sum, { tokens }) => sum + tokens.filter(({ isTarget }) => isTarget).length, 0);
  const truncatedRows = written.filter((each) => each.truncated || isCutOff(each)).length;
  return {
    counts: countsOf(lengths, maxLength, truncatedRows),
    lengths,
    isWhole: sample.length < sampledConversations && written.length === sample.length,
    conversations: {
      sampledRows: written.length,
      truncatedRows,
      rowsWithoutTarget: written.filter(isCutOff).length,
      faultyRows: written.filter((each) => each.fault !== null && !isCutOff(each)).length,
      meanTargets: learnable.length === 0 ? 0 : targets / learnable.length,
      example: learnable[0] ?? null,
      faults: written.filter(({ fault }) => fault !== null).slice(0, shownFaults),
    },
  };

  /** Tokens of a text that is cut, counted up to the context length. */
  function lengthOf(text: string): number {
    const longest = Math.max(maxLength, contextLength);
    return tokenizer.encodeIds(text, null, { maxLength: longest, truncationSide, addSpecialTokens: false }).ids.length;
  }
}

/** Faults that another chat template may not have. */
const templateFaults: ReadonlySet<string> = new Set<ConversationErrorCode>([
  'NO_TEMPLATE',
  'TEMPLATE_FAILED',
  'TEMPLATE_REFUSED',
  'NOT_A_PREFIX',
  'NO_TARGET',
]);

/**
 * The problem of sampled rows that can not be learned: where such rows are to be refused, and where none of the split
 * can be learned.
 */
export function checkLearnable(
  { unlearnable, trainSplit }: Pick<InstructionTuningSpec, 'unlearnable' | 'trainSplit'>,
  { conversations, isWhole }: Pick<Awaited<ReturnType<typeof sampleConversations>>, 'conversations' | 'isWhole'>,
): InputProblem[] {
  const { sampledRows, rowsWithoutTarget, faultyRows, faults } = conversations;
  const count = rowsWithoutTarget + faultyRows;
  const areAll = count === sampledRows;
  if (count === 0 || (unlearnable === 'leaveOut' && !(areAll && isWhole))) return [];
  const [first] = faults;
  const message = `${count} of ${sampledRows} sampled rows of the split “${trainSplit}” can not be learned. Row ${first?.row}: ${first?.fault?.message}.`;
  const isOfTemplate = first?.fault?.code !== undefined && templateFaults.has(first.fault.code);
  const remedies =
    rowsWithoutTarget > 0
      ? ['raise maxLength, so that answers are not cut off']
      : isOfTemplate
        ? ['give another `chatTemplate`', 'correct the rows']
        : ['correct the rows'];
  // Where all rows go, nothing is left to learn.
  const all = areAll ? remedies : [...remedies, 'choose `unlearnable: LEAVE_OUT`'];
  const sentence = `${all.join(', or ')}.`;
  const hint = `${sentence[0]!.toUpperCase()}${sentence.slice(1)} \`DatasetVersion.conversations\` shows what is wrong with each.`;
  return [problem([...path, 'conversation'], 'UNLEARNABLE_ROWS', message, hint)];
}

/** Whether a plan has nothing to show, as no sampled row can be learned. */
export function isNothingLearnable({ sampledRows, rowsWithoutTarget, faultyRows }: PlannedConversations): boolean {
  return sampledRows > 0 && rowsWithoutTarget + faultyRows === sampledRows;
}

function orProblem<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ConversationError)) throw error;
    throw new ProblemsError([problem([...path, 'chatTemplate'], 'INVALID_VALUE', error.message)]);
  }
}
