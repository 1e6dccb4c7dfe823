import type { RewardScores } from '../../src/protocol/evaluation-scores.js';
import { findTruncated } from '../../src/protocol/findings.js';
import { type RewardHead, rewardHeadOf } from '../../src/protocol/heads.js';
import type { EvaluateJob, EvaluationProgress } from '../../src/protocol/job.js';
import type { PreferenceForm } from '../../src/protocol/preference-form.js';
import { noLists, noTokens, type ScoredExample } from '../../src/protocol/scored-example.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { type Comparisons, comparisonsOf } from '../data/comparisons.js';
import { pairUnits } from '../data/pair-units.js';
import { type Preferences, readPreferences } from '../data/preferences.js';
import type { ReadyModel } from '../forward/ready-model.js';
import { scoreTexts } from '../forward/score-answers.js';
import { standardized } from '../heads/reward.js';
import { scoreRewards } from '../metrics/reward-scores.js';
import { sigmoid } from '../metrics/sigmoid.js';
import { verifiedPath } from '../models/artifacts.js';
import { ProblemError } from '../problem-error.js';
import { readPreferenceRows } from '../training/preference-rows.js';
import type { Evaluated } from './evaluate.js';

/**
 * Scores a reward model on the judgements of one split of any dataset version. Rows that can not be read are left out,
 * and counted.
 * Errors: ProblemError MISSING_ARTIFACT, NO_HEAD, UNKNOWN_COLUMN, EMPTY_SPLIT, TOO_LARGE, NON_FINITE_LOSS.
 *
 * @param onProgress called often: it can give a sign of life, or throw in order to stop; with the progress, while
 *   answers are scored
 */
export async function evaluateRewards(
  model: ReadyModel,
  { datasetDigest, split }: Pick<EvaluateJob, 'datasetDigest' | 'split'>,
  form: PreferenceForm,
  store: ArtifactStore,
  onProgress: (progress?: EvaluationProgress) => void,
): Promise<Evaluated<RewardScores>> {
  const head = rewardHeadOf(model.manifest);
  if (head === null || model.answers === null) throw noRewards();
  const path = await verifiedPath(store, datasetDigest, 'the dataset version');
  const from = { path, split: { name: split, path: ['split'] }, part: null, formPath: ['preference'] };
  const { rows, rowsWithoutText } = await readPreferenceRows(form, from);
  const preferences = readPreferences(rows, form, model.answers, () => onProgress());
  const { texts, unread } = preferences;
  const comparisons = comparisonsOf(preferences, 'pairs');
  const P = comparisons.weights.length;
  if (P === 0) throw nothingToCompare(split, preferences);
  const outputs = await scoreTexts(model, texts, (done) =>
    onProgress({ examplesDone: Math.floor((P * done) / texts.lengths.length), examplesTotal: P }),
  );
  const truncatedCount = texts.truncated.reduce((sum, each) => sum + each, 0);
  const compared = {
    ...comparisons,
    margins: new Float32Array(P),
    answerLengths: preferences.answerLengths,
    units: pairUnits(preferences),
  };
  const scores = scoreRewards(outputs, compared, 0, {
    leftOutCount: unread.length + rowsWithoutText,
    truncatedCount,
  });
  if (!Number.isFinite(scores.loss)) throw notFinite(scores.loss);
  return {
    scores: [scores],
    examples: judged(head, outputs, comparisons, preferences),
    findings: findTruncated(
      { split, maxLength: model.maxLength },
      { exampleCount: texts.lengths.length, truncatedCount },
    ),
  };
}

/** What was said of each row with a better answer: of an answer that is in several pairs, that with the most error. */
function* judged(
  head: RewardHead,
  outputs: Float32Array,
  { pairs }: Comparisons,
  { rows }: Pick<Preferences, 'rows'>,
): Generator<ScoredExample> {
  const differenceOf = (pair: number) => outputs[pairs[2 * pair]!]! - outputs[pairs[2 * pair + 1]!]!;
  const worst = new Map<number, number>();
  for (let pair = 0; pair < pairs.length / 2; pair++) {
    const row = rows[pairs[2 * pair]!]!;
    const former = worst.get(row);
    if (former === undefined || differenceOf(pair) < differenceOf(former)) worst.set(row, pair);
  }
  for (const [row, pair] of [...worst].sort(([a], [b]) => a - b)) {
    const difference = differenceOf(pair);
    yield {
      task: head.task,
      row,
      isRight: difference > 0,
      confidence: sigmoid(Math.abs(difference)),
      error: sigmoid(-difference),
      ...noLists,
      predictedValues: [pairs[2 * pair]!, pairs[2 * pair + 1]!].map((text) => standardized(head, outputs[text]!)),
      ...noTokens,
    };
  }
}

function noRewards(): ProblemError {
  return new ProblemError({
    path: ['modelId'],
    code: 'NO_HEAD',
    message: 'the model is no reward model',
    hint: 'Choose one that `rewardModelling` trained, or leave `preference` out.',
  });
}

function nothingToCompare(split: string, { unread }: Preferences): ProblemError {
  const [first] = unread;
  const message =
    `nothing in split “${split}” can be compared` +
    (first === undefined ? '' : `: ${unread.length} rows can not be read, such as row ${first.row}: ${first.message}`);
  const hint = 'Choose another split, or other columns.';
  return new ProblemError({ path: ['split'], code: 'EMPTY_SPLIT', message, hint });
}

function notFinite(loss: number): ProblemError {
  const message = `the loss of the rewards is ${loss}: the model's weights are damaged`;
  return new ProblemError({ path: [], code: 'NON_FINITE_LOSS', message, hint: null });
}
