import { setImmediate as turn } from 'node:timers/promises';
import { createWriting } from '../../../src/conversations/index.js';
import type { DecoderConfig } from '../../../src/protocol/architectures/index.js';
import { traitsOf } from '../../../src/protocol/architectures/index.js';
import type { Prompt } from '../../../src/protocol/generation.js';
import { measuredSplitOf } from '../../../src/protocol/held-out.js';
import type { PolicyOptimizationSpec } from '../../../src/protocol/methods/index.js';
import { columnsOfRewards } from '../../../src/protocol/rewards/reward-spec.js';
import type { Vocabulary } from '../../../src/tokenizer/index.js';
import { type NamedInput, readSplitRows, type SplitPart } from '../../data/split-rows.js';
import { vocabularyOf } from '../../generation/open-generator.js';
import { type PromptReader, readPrompts } from '../../generation/read-prompts.js';
import { answerEndsOf } from '../../models/answer-ends.js';
import { verifiedPath } from '../../models/artifacts.js';
import { chatSourceOf } from '../../models/chat-source.js';
import type { LoadedModel } from '../../models/load-model.js';
import { textEndsOf } from '../../models/text-ends.js';
import { ProblemError } from '../../problem-error.js';
import type { RolloutPrompt } from '../../rollouts/open-rollouts.js';
import { beatOrLeave } from '../../stop-wishes.js';
import { notCausal } from '../load-language.js';
import { partOf } from '../load-training.js';
import { type OpenLanguageModel, openLanguageModel } from '../open-language-model.js';
import { type HeldOutPreferences, readHeldOutPreferences } from '../preferences/held-out-preferences.js';
import type { TrainingRun, TrainingTools } from '../training-tools.js';
import { promptOf } from './prompt-of.js';

const controlPath = ['method', 'policyOptimization', 'controlPreferences'];

/** More characters than a prompt may have: one that is too long is left out. */
const mostCharacters = 2 ** 24;

/** A prompt that completions are written to. */
export interface PolicyPrompt extends RolloutPrompt {
  readonly prompt: Prompt;
  /** The columns of its row that rewards read, as texts. */
  readonly columns: Readonly<Record<string, string | null>>;
}

/** What a policy optimization starts from. */
export interface PolicyInput extends OpenLanguageModel {
  readonly config: DecoderConfig;
  readonly training: readonly PolicyPrompt[];
  readonly heldOut: readonly PolicyPrompt[];
  /** Judged answers that the policy is held against; null where the spec names none. */
  readonly preferences: HeldOutPreferences | null;
  readonly endIds: ReadonlySet<number>;
  readonly vocabulary: Vocabulary;
}

/**
 * Opens the base model, and reads the prompts of both splits as it reads them, with what rewards read of their rows.
 * Prompts that leave no room for a completion, and cells that are no prompt, are left out, and the log says how many.
 *
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, OUT_OF_MEMORY, TOO_LONG, INVALID_VALUE, UNKNOWN_COLUMN,
 * WRONG_COLUMN_TYPE, EMPTY_SPLIT, UNKNOWN_MODULE, NO_END_TOKEN
 */
export async function loadPrompts(
  run: TrainingRun<PolicyOptimizationSpec>,
  tools: TrainingTools,
): Promise<PolicyInput> {
  const input = await openLanguageModel(
    run.spec,
    tools,
    (config) => {
      if (!traitsOf(config).isCausal) throw notCausal(config.architecture);
    },
    (base) => readBoth(run, base, tools.store),
  );
  return { ...input, config: input.config as DecoderConfig };
}

async function readBoth(
  { spec, context }: TrainingRun<PolicyOptimizationSpec>,
  base: LoadedModel,
  store: TrainingTools['store'],
): Promise<Pick<PolicyInput, 'training' | 'heldOut' | 'preferences' | 'endIds' | 'vocabulary'>> {
  const { manifest, tokenizer } = base;
  const { maxLength } = spec.hyperparameters;
  const source = await chatSourceOf(store, manifest);
  const { template } = createWriting(tokenizer, source, { template: null, learned: 'completions', now: new Date(0) });
  const { begin } = await textEndsOf(store, manifest, tokenizer);
  const endIds = await answerEndsOf(store, manifest, tokenizer, source.specialTokens.eos_token);
  if (endIds.size === 0) throw withoutEnd();
  const reader: PromptReader = { tokenizer, template, begin, contextLength: manifest.contextLength };
  const path = await verifiedPath(store, spec.datasetDigest, 'the dataset version');
  const columns = [...new Set([...columnsOfRewards(spec.rewards), ...columnsOfRewards(spec.controlRewards)])];

  async function read(
    split: NamedInput,
    part: SplitPart | null,
    most: number | null,
    shownAs: string,
  ): Promise<PolicyPrompt[]> {
    const optional = spec.systemColumn === null ? columns : [...columns, spec.systemColumn];
    const { rows, texts, targets, rowsWithoutText } = await readSplitRows({
      path,
      split,
      part,
      most,
      textColumn: { name: spec.promptColumn, path: ['promptColumn'] },
      pairColumn: null,
      targetColumns: optional.map((name) => ({ name, path: ['rewards'], as: 'text' })),
      wantsWords: false,
      maxCharacters: mostCharacters,
      truncationSide: 'right',
    });
    const cell = (index: number, column: number) => (targets[column]?.values[index] ?? null) as string | null;
    const prompts: PolicyPrompt[] = [];
    let [tooLong, unreadable] = [0, 0];
    for (const [index, row] of rows.entries()) {
      const system = spec.systemColumn === null ? null : cell(index, columns.length);
      const prompt = promptOf(texts[index]!, system, template !== null);
      const ids = prompt === null ? null : idsOf(reader, prompt);
      if (ids === null) unreadable += 1;
      else if (ids.length + spec.maxTokens > maxLength) tooLong += 1;
      else {
        const named = columns.map((name, column) => [name, cell(index, column)] as const);
        prompts.push({ row, ids, prompt: prompt!, columns: Object.fromEntries(named) });
      }
      beatOrLeave(context);
      if (index % 256 === 0) await turn();
    }
    if (prompts.length === 0) throw nothingLeft(split, tooLong, spec);
    const number = (value: number) => value.toLocaleString('en');
    const message =
      `Split ${shownAs}: ${number(prompts.length)} prompts` +
      (tooLong === 0 ? '' : `; left out: ${number(tooLong)} that leave no room for ${spec.maxTokens} tokens`) +
      (unreadable === 0 ? '' : `; left out: ${number(unreadable)} that are no prompt for this model`) +
      (rowsWithoutText === 0 ? '' : `; left out: ${number(rowsWithoutText)} rows without a prompt`);
    const level = tooLong + unreadable > 0 ? 'WARNING' : 'INFO';
    await context.events([{ kind: 'logLine', level, message }]);
    return prompts;
  }

  const isHeldOut = spec.heldOut !== undefined;
  const [train, validation] = [spec.trainSplit, spec.validationSplit];
  return {
    training: await read({ name: train, path: ['trainSplit'] }, partOf(spec, false), null, train),
    heldOut: await read(
      { name: validation, path: ['validationSplit'] },
      partOf(spec, true),
      spec.heldOutPrompts,
      isHeldOut ? measuredSplitOf(spec) : validation,
    ),
    preferences: await readPreferencesOf(spec, base, store, context),
    endIds,
    vocabulary: await vocabularyOf(store, manifest),
  };
}

/** Reads the judged answers that a policy is held against, as it reads prompts: by its own template, at no time. */
async function readPreferencesOf(
  { controlPreferences: control, hyperparameters }: PolicyOptimizationSpec,
  base: LoadedModel,
  store: TrainingTools['store'],
  context: TrainingRun<PolicyOptimizationSpec>['context'],
): Promise<HeldOutPreferences | null> {
  if (control === null) return null;
  const { datasetDigest, split, preference: form, pairs: mostPairs } = control;
  const [splitPath, formPath] = [
    [...controlPath, 'split'],
    [...controlPath, 'preference'],
  ];
  const { maxLength, truncationSide } = hyperparameters;
  const how = { maxLength, truncationSide, chatTemplate: null, templateTime: new Date(0).toISOString() };
  const from = { datasetDigest, split, form, mostPairs, splitPath, formPath };
  const found = await readHeldOutPreferences(base, store, from, how, () => beatOrLeave(context));
  const { leftOutCount } = found.counts;
  const leftOut = leftOutCount === 0 ? '' : `; left out: ${leftOutCount.toLocaleString('en')} rows that are none`;
  const message = `Split ${split}: ${found.rowOf.length.toLocaleString('en')} pairs of judged answers${leftOut}`;
  await context.events([{ kind: 'logLine', level: leftOutCount === 0 ? 'INFO' : 'WARNING', message }]);
  return found;
}

/** Null for a prompt that the model does not take: without tokens, longer than it reads, or refused by its template. */
function idsOf(reader: PromptReader, prompt: Prompt): readonly number[] | null {
  try {
    return readPrompts(reader, [prompt], () => undefined)[0]!;
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}

function withoutEnd(): ProblemError {
  return new ProblemError({
    path: ['baseModelId'],
    code: 'NO_END_TOKEN',
    message: 'the model has no token that ends a text: all of its completions would be cut off',
    hint: 'Choose a model with an end token (`eos_token_id`), or tune one on answers first.',
  });
}

function nothingLeft({ name, path }: NamedInput, tooLong: number, spec: PolicyOptimizationSpec): ProblemError {
  const { maxLength } = spec.hyperparameters;
  return new ProblemError({
    path: [...path],
    code: 'EMPTY_SPLIT',
    message:
      `no row of split “${name}” has a prompt that the model can answer` +
      (tooLong === 0 ? '' : `: ${tooLong} are longer than ${maxLength - spec.maxTokens} tokens`),
    hint: tooLong === 0 ? 'Choose another split or column.' : 'Raise `maxLength`, or lower `maxTokens`.',
  });
}
