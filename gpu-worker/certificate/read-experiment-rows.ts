import type { MadeBy } from '../../src/protocol/job.js';
import { targetUses } from '../../src/protocol/methods/common.js';
import {
  byMethod,
  type HeadsSpec,
  headsOf,
  type PreferenceOptimizationSpec,
  type RewardModellingSpec,
  type RunSpec,
} from '../../src/protocol/methods/index.js';
import type { TokenEvaluation } from '../../src/protocol/token-evaluation.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { oneSequenceARow } from '../data/pack-sequences.js';
import { type Preferences, readPreferences } from '../data/preferences.js';
import type { SplitPart } from '../data/split-rows.js';
import { readsTokenTypes } from '../data/token-types.js';
import { readExamples } from '../forward/examples.js';
import { headOf } from '../heads/index.js';
import { answerReadingOf } from '../models/answer-reading.js';
import { verifiedPath } from '../models/artifacts.js';
import type { LoadedModel } from '../models/load-model.js';
import { ProblemError } from '../problem-error.js';
import { partOf } from '../training/load-training.js';
import { readPreferenceRows } from '../training/preference-rows.js';
import { readTokenTexts } from '../training/token-texts.js';
import { mostRows, mostTokens, noteOf, type RowsFrom, type RowsToCheck, rowsOfTokens } from './checked-rows.js';

type Model = Pick<LoadedModel, 'manifest' | 'tokenizer'>;

/** A split that was not learned, or a part of one. */
interface Untouched {
  readonly from: RowsFrom & { readonly split: string };
  readonly part: SplitPart | null;
}

/**
 * Reads some rows that the model's experiment did not learn: of its test split, else of its validation split or what it
 * held out. Null where none can be read, since a dataset may be gone, or its test split may have no labels.
 *
 * @param onProgress may throw in order to stop
 */
export async function readExperimentRows(
  { spec, testSplit }: MadeBy,
  model: Model,
  store: ArtifactStore,
  onProgress: () => void,
): Promise<RowsToCheck | null> {
  const { datasetDigest, validationSplit, trainSplit, heldOut } = spec;
  const measured: Untouched =
    heldOut === undefined
      ? { from: { texts: 'validationSplit', datasetDigest, split: validationSplit }, part: null }
      : { from: { texts: 'heldOutPart', datasetDigest, split: trainSplit }, part: partOf(spec, true) };
  const test: Untouched[] =
    testSplit === null ? [] : [{ from: { texts: 'testSplit', datasetDigest, split: testSplit }, part: null }];
  for (const untouched of [...test, measured]) {
    try {
      const path = await verifiedPath(store, datasetDigest, 'the dataset version');
      const rows = await read(spec, path, untouched, model, store, onProgress);
      if (rows !== null) return rows;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
    }
  }
  return null;
}

/** A spec of a method that learns from judged answers. */
type JudgementsSpec = Pick<RewardModellingSpec | PreferenceOptimizationSpec, 'preference' | 'templateTime'>;

function read(
  spec: RunSpec,
  path: string,
  untouched: Untouched,
  model: Model,
  store: ArtifactStore,
  onProgress: () => void,
): Promise<RowsToCheck | null> {
  const ofHeads = (of: HeadsSpec) => readOfHeads(of, path, untouched, model, onProgress);
  const ofTokens = (how: TokenEvaluation, textColumn: string) =>
    readOfTokens(how, path, textColumn, untouched, model, store, onProgress);
  const shared = {
    maxLength: Math.min(spec.hyperparameters.maxLength, mostTokens),
    truncationSide: spec.hyperparameters.truncationSide,
    seed: spec.hyperparameters.seed,
    baselineDigest: null,
  };
  return byMethod(spec, {
    supervised: ofHeads,
    multiTask: ofHeads,
    preferenceOptimization: (preferences) => readOfAnswers(preferences, path, untouched, model, store, onProgress),
    rewardModelling: (rewards) => readOfRewards(rewards, path, untouched, model, store, onProgress),
    languageModelling: ({ objective, masking, textColumn }) =>
      ofTokens({ ...shared, objective, masking, conversations: null }, textColumn),
    instructionTuning: ({ conversation, learned, templateTime }) =>
      ofTokens(
        {
          ...shared,
          objective: 'causal',
          masking: null,
          // A chat template that the training was given is the model's own since.
          conversations: { form: conversation, learned, chatTemplate: null, templateTime, unlearnable: 'leaveOut' },
        },
        '',
      ),
    // Any text shows whether what goes out computes the same.
    policyOptimization: ({ promptColumn }) =>
      ofTokens({ ...shared, objective: 'causal', masking: null, conversations: null }, promptColumn),
  });
}

async function readOfHeads(
  spec: HeadsSpec,
  path: string,
  { from, part }: Untouched,
  { manifest, tokenizer }: Model,
  onProgress: () => void,
): Promise<RowsToCheck | null> {
  const trained = new Map(headsOf(spec).map(({ task, head, path }) => [task, targetUses(head, path)]));
  const sources = manifest.heads.map((head) => ({ head: headOf(head), columns: trained.get(head.task) ?? [] }));
  if (sources.length === 0 || sources.some(({ columns }) => columns.length === 0)) return null;
  const { texts, targets, rows } = await readExamples(
    {
      path,
      split: { name: from.split, path: [] },
      part,
      most: mostRows,
      textColumn: spec.textColumn,
      pairColumn: spec.pairColumn,
      sources,
      unknownLabels: 'count',
      maxLength: Math.min(manifest.maxLength ?? manifest.contextLength, mostTokens),
      truncationSide: manifest.truncationSide,
      readsTypes: readsTokenTypes({ manifest, tokenizer }, spec.pairColumn !== null, 'pairColumn'),
    },
    tokenizer,
    onProgress,
  );
  return { note: noteOf(from, rows, texts), tokens: texts, targets, picked: null };
}

/** Answers that a policy was to prefer, or not to: what it predicts of either. */
async function readOfAnswers(
  spec: JudgementsSpec,
  path: string,
  untouched: Untouched,
  model: Model,
  store: ArtifactStore,
  onProgress: () => void,
): Promise<RowsToCheck | null> {
  const { texts, isAnswer, rows } = await readJudged(spec, path, untouched, model, store, onProgress);
  if (rows.length === 0) return null;
  const sequences = oneSequenceARow({ ids: texts.ids, offsets: texts.offsets, isTarget: isAnswer });
  return rowsOfTokens(sequences, Array.from(rows), untouched.from, model.manifest.config.vocabularySize);
}

/** Rewards have no targets: outputs are compared alone. */
async function readOfRewards(
  spec: JudgementsSpec,
  path: string,
  untouched: Untouched,
  model: Model,
  store: ArtifactStore,
  onProgress: () => void,
): Promise<RowsToCheck | null> {
  const { texts, rows } = await readJudged(spec, path, untouched, model, store, onProgress);
  return rows.length === 0
    ? null
    : { note: noteOf(untouched.from, [...rows], texts), tokens: texts, targets: null, picked: null };
}

/** Judged answers with their prompts, the first of them. */
async function readJudged(
  { preference: form, templateTime }: JudgementsSpec,
  path: string,
  { from, part }: Untouched,
  model: Model,
  store: ArtifactStore,
  onProgress: () => void,
): Promise<Preferences> {
  const { manifest } = model;
  const split = { name: from.split, path: [] };
  const { rows: found } = await readPreferenceRows(form, { path, split, part, most: mostRows / 2, formPath: [] });
  // A chat template that the training was given is the model's own since.
  const reading = await answerReadingOf(
    model,
    store,
    { chatTemplate: null, templateTime },
    {
      maxLength: Math.min(manifest.maxLength ?? manifest.contextLength, mostTokens),
      truncationSide: manifest.truncationSide,
    },
  );
  return readPreferences(found, form, reading, onProgress);
}

async function readOfTokens(
  how: TokenEvaluation,
  path: string,
  textColumn: string,
  { from, part }: Untouched,
  model: Model,
  store: ArtifactStore,
  onProgress: () => void,
): Promise<RowsToCheck> {
  const evaluated = { path, split: from.split, textColumn, part, most: mostRows };
  const { tokens, rowOf } = await readTokenTexts(how, evaluated, { reader: model, writer: model }, store, onProgress);
  return rowsOfTokens(tokens, rowOf, from, model.manifest.config.vocabularySize);
}
