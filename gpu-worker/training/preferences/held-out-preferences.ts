import { createHash } from 'node:crypto';
import type { PreferenceScores } from '../../../src/protocol/evaluation-scores.js';
import type { PreferenceEvaluation } from '../../../src/protocol/preference-evaluation.js';
import type { PreferenceForm } from '../../../src/protocol/preference-form.js';
import type { PreferenceObjective } from '../../../src/protocol/preference-objective.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import type { PromptsDrawn } from '../../data/drawn-rows.js';
import { pairUnits } from '../../data/pair-units.js';
import { exampleCount } from '../../data/preference-examples.js';
import { type Preferences, readPreferences } from '../../data/preferences.js';
import { type ScoredPair, scorePairs } from '../../metrics/preference-scores.js';
import { answerReadingOf } from '../../models/answer-reading.js';
import { verifiedPath } from '../../models/artifacts.js';
import type { LoadedModel } from '../../models/load-model.js';
import { ProblemError } from '../../problem-error.js';
import { readPreferenceRows } from '../preference-rows.js';
import { sumsOfAll } from './example-sums.js';
import { type PreferenceTexts, preferenceTexts, textsOf } from './preference-texts.js';

/** Pairs of answers that a language model is held against, as it reads them. */
export interface HeldOutPreferences {
  readonly texts: PreferenceTexts;
  /** The row of the dataset version that each pair's better answer is in. */
  readonly rowOf: Int32Array;
  /** What both answers of each pair share with those that they depend on, [P]. */
  readonly units: readonly (readonly [number, number])[];
  readonly counts: Pick<PreferenceScores, 'tokensDigest' | 'leftOutCount' | 'truncatedCount'>;
}

/** Every token of both answers counts, and as much as any other. */
const everyToken = {
  kind: 'dpo',
  loss: 'sigmoid',
  beta: 1,
  labelSmoothing: 0,
  sftWeight: 0,
  tailWeight: 1,
  strengthMargin: 0,
} as const satisfies PreferenceObjective;

/**
 * Reads the pairs of a split. Rows that can not be read are left out, and counted.
 *
 * @param from the dataset version, the split, how its rows hold judgements, and their paths in the input; and how many
 * pairs are read at most, always the same ones, with all of a prompt (default: all)
 * @param onProgress called often: it can give a sign of life, or throw in order to stop
 * @throws ProblemError MISSING_ARTIFACT, INVALID_VALUE, UNKNOWN_COLUMN, WRONG_COLUMN_TYPE, EMPTY_SPLIT, TOO_LARGE
 */
export async function readHeldOutPreferences(
  model: Pick<LoadedModel, 'manifest' | 'tokenizer'>,
  store: ArtifactStore,
  from: {
    readonly datasetDigest: string;
    readonly split: string;
    readonly form: PreferenceForm;
    readonly mostPairs?: number;
    readonly splitPath: readonly string[];
    readonly formPath: readonly string[];
  },
  how: Pick<PreferenceEvaluation, 'maxLength' | 'truncationSide' | 'chatTemplate' | 'templateTime'>,
  onProgress: () => void,
): Promise<HeldOutPreferences> {
  const reading = await answerReadingOf(model, store, how, how);
  const path = await verifiedPath(store, from.datasetDigest, 'the dataset version');
  const split = { name: from.split, path: from.splitPath };
  const { rows, rowsWithoutText } = await readPreferenceRows(from.form, {
    ...from,
    path,
    split,
    part: null,
    most: from.mostPairs ?? null,
    mostBy: promptsOf(from.form),
  });
  const preferences = readPreferences(rows, from.form, reading, onProgress);
  const texts = preferenceTexts(preferences, everyToken, how.maxLength);
  const { examples } = texts;
  if (exampleCount(examples) === 0) throw nothingToCompare(from, preferences);
  const units = pairUnits(preferences);
  return {
    texts,
    units: Array.from({ length: exampleCount(examples) }, (_, pair) => {
      const [better, other] = textsOf(examples, pair);
      return [units[better!]!, units[other!]!] as const;
    }),
    rowOf: Int32Array.from({ length: exampleCount(examples) }, (_, pair) => {
      return preferences.rows[textsOf(examples, pair)[0]!]!;
    }),
    counts: {
      tokensDigest: digestOf(texts),
      leftOutCount: preferences.unread.length + rowsWithoutText,
      truncatedCount: preferences.texts.truncated.reduce((sum, is) => sum + is, 0),
    },
  };
}

/**
 * What a model makes of each pair.
 * @param policy log-probabilities of all targets, and those by the reference; null: there is none
 */
export function pairsOf(
  { texts }: HeldOutPreferences,
  policy: Float32Array,
  reference: Float32Array | null,
): readonly ScoredPair[] {
  return sumsOfAll(texts, everyToken, policy, reference);
}

/** Null: rows are drawn one by one. Nothing tells the prompts apart that are within answers; thumbs make no pairs. */
function promptsOf(form: PreferenceForm): PromptsDrawn | null {
  if (form.kind === 'thumbs' || form.promptColumn === null) return null;
  return { promptColumn: form.promptColumn, rowsAre: form.kind === 'rated' ? 'answers' : 'pairs' };
}

/** Scores of pairs, with what was read of them. */
export function scoresOf(
  { counts, units }: Pick<HeldOutPreferences, 'counts' | 'units'>,
  pairs: readonly ScoredPair[],
  reference: { readonly digest: string; readonly beta: number } | null,
): PreferenceScores {
  const by = reference && { digest: reference.digest, beta: reference.beta };
  return { ...scorePairs(pairs, units, by), ...counts };
}

function digestOf({ rows, areAnswers, examples }: PreferenceTexts): string {
  const hash = createHash('sha256');
  for (const part of [rows.ids, rows.offsets, areAnswers, examples.texts]) {
    hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest('hex');
}

function nothingToCompare(
  { split, splitPath }: { readonly split: string; readonly splitPath: readonly string[] },
  { unread }: Preferences,
): ProblemError {
  const [first] = unread;
  return new ProblemError({
    path: [...splitPath],
    code: 'EMPTY_SPLIT',
    message:
      `split “${split}” has no two answers to the same prompt of which one is better` +
      (first === undefined
        ? ''
        : `; ${unread.length} rows can not be read, such as row ${first.row}: ${first.message}`),
    hint: 'Choose another split, or other columns.',
  });
}
