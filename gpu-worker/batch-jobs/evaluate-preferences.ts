import { findTruncated } from '../../src/protocol/findings.js';
import type { EvaluateJob } from '../../src/protocol/job.js';
import { predictedTokensOf } from '../../src/protocol/predicts-tokens.js';
import { type PreferenceEvaluation, preferencesTask } from '../../src/protocol/preference-evaluation.js';
import { noLists, noTokens, type ScoredExample } from '../../src/protocol/scored-example.js';
import type { TokenRows } from '../data/token-sequences.js';
import { implicitReward, perToken, type ScoredPair } from '../metrics/preference-scores.js';
import { sigmoid } from '../metrics/sigmoid.js';
import { type LoadedModel, loadModel } from '../models/load-model.js';
import { ProblemError } from '../problem-error.js';
import { keepExamplesOrNone } from '../short-jobs/keep-examples.js';
import { beatOrLeave } from '../stop-wishes.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import {
  type HeldOutPreferences,
  pairsOf,
  readHeldOutPreferences,
  scoresOf,
} from '../training/preferences/held-out-preferences.js';
import { describeReference, type ReferenceModel, scoresByReference } from '../training/preferences/kept-reference.js';
import { requireSameTokens, scoreByModel, scoreByStored } from '../training/preferences/reference-scores.js';
import type { BatchTools } from './predict-batch.js';

const readingPath = ['preferenceReading'];

/**
 * Scores a language model on pairs of answers of one split of a dataset version: how often the better answer is the
 * likelier one a token, and, with a reference, how often the implicit reward prefers it.
 *
 * Errors: ProblemError INVALID_MODEL, INVALID_VALUE, TOO_LONG, NON_FINITE_LOSS; what `readHeldOutPreferences` and
 * `requireSameTokens` throw; RunStopped.
 */
export async function evaluatePreferences(
  job: EvaluateJob,
  how: PreferenceEvaluation,
  context: JobContext,
  tools: Pick<BatchTools, 'engine' | 'store' | 'folder'>,
): Promise<JobOutcome & { readonly kind: 'finished' }> {
  const { engine, store, folder } = tools;
  const { datasetDigest, split, preference: form } = job;
  if (form === undefined)
    throw new RangeError('preferences are scored in rows of which it is known how they hold them');
  const beat = (): void => beatOrLeave(context);
  const model = await loadModel(store, job.modelDigest);
  try {
    checkReads(model, how);
    const from = { datasetDigest, split, form, splitPath: ['split'], formPath: ['preference'] };
    const heldOut = await readHeldOutPreferences(model, store, from, how, beat);
    const examplesTotal = heldOut.rowOf.length;
    const tell = (examplesDone: number): void => context.progressed({ examplesDone, examplesTotal });
    const models = how.referenceDigest === null ? 1 : 2;
    tell(0);
    const { referenceDigest, beta } = how;
    const path = [...readingPath, 'referenceId'];
    if (referenceDigest !== null) await requireSameTokens(store, referenceDigest, model, path);
    const [policy] = await scoreByModel(engine, model, [heldOut.texts.rows], beat);
    tell(Math.floor(examplesTotal / models));
    const ofReference =
      referenceDigest === null
        ? null
        : await readOrScore(tools, context, { referenceDigest, datasetDigest, precision: 'float32' }, heldOut, beat);
    tell(examplesTotal);
    const pairs = pairsOf(heldOut, policy!, ofReference);
    const reference = referenceDigest === null ? null : { digest: referenceDigest, beta };
    const scores = scoresOf(heldOut, pairs, reference);
    refuseNonFinite(scores.loss, 'model', ['modelId']);
    refuseNonFinite(scores.byReference?.loss ?? 0, 'reference', path);
    const file = await keepExamplesOrNone(store, folder, examplesOf(heldOut, pairs, reference), beat);
    const kept = file === null ? { examplesMissing: 'DISK_FULL' as const } : { examplesDigest: file.digest };
    const { truncatedCount } = scores;
    const findings = findTruncated(
      { split, maxLength: how.maxLength },
      { exampleCount: heldOut.texts.answerTokens.length, truncatedCount },
    );
    return {
      kind: 'finished',
      result: { kind: 'evaluate', tasks: [scores], findings, ...kept },
      model: null,
      files: file === null ? [] : [file],
    };
  } finally {
    await model.weights.close();
  }
}

/** Log-probabilities of the pairs by a reference: kept ones, or new ones. */
async function readOrScore(
  tools: Pick<BatchTools, 'engine' | 'store'>,
  context: JobContext,
  reference: ReferenceModel,
  { texts }: Pick<HeldOutPreferences, 'texts'>,
  beat: () => void,
): Promise<Float32Array> {
  const score = (rows: readonly TokenRows[]) => scoreByStored(tools, reference.referenceDigest, rows, beat);
  const { scores, counts } = await scoresByReference(tools, context, reference, [texts], score, { anyThreads: true });
  context.log('info', describeReference(counts));
  return scores[0]!.texts;
}

/**
 * What was said of each row with a better answer: of an answer that is in several pairs, that with the most error. What
 * is right, and how sure, is by the mean log-probabilities of tokens.
 */
function* examplesOf(
  { rowOf }: HeldOutPreferences,
  pairs: readonly ScoredPair[],
  reference: { readonly beta: number } | null,
): Generator<ScoredExample> {
  const gapOf = (pair: ScoredPair) => perToken(pair, 0) - perToken(pair, 1);
  const worst = new Map<number, ScoredPair>();
  for (const [index, pair] of pairs.entries()) {
    const former = worst.get(rowOf[index]!);
    if (former === undefined || gapOf(pair) < gapOf(former)) worst.set(rowOf[index]!, pair);
  }
  for (const [row, pair] of [...worst].sort(([a], [b]) => a - b)) {
    const gap = gapOf(pair);
    const rewards =
      reference === null ? [] : ([0, 1] as const).map((side) => implicitReward(pair, side, reference.beta));
    yield {
      task: preferencesTask,
      row,
      isRight: gap > 0,
      confidence: sigmoid(Math.abs(gap)),
      error: sigmoid(-gap),
      ...noLists,
      predictedValues: [perToken(pair, 0), perToken(pair, 1), ...rewards],
      ...noTokens,
    };
  }
}

function checkReads({ manifest }: LoadedModel, { maxLength }: PreferenceEvaluation): void {
  if (predictedTokensOf(manifest) !== 'causal') {
    throw new ProblemError({
      path: ['modelId'],
      code: 'INVALID_VALUE',
      message: 'the model does not predict the next token, and gives answers no probability',
      hint: 'Choose a decoder without heads, or a reward model without `preferenceReading`.',
    });
  }
  if (maxLength <= manifest.contextLength) return;
  throw new ProblemError({
    path: [...readingPath, 'maxLength'],
    code: 'TOO_LONG',
    message: `the model reads at most ${manifest.contextLength} tokens, fewer than ${maxLength}`,
    hint: `Set maxLength to ${manifest.contextLength} or less.`,
  });
}

function refuseNonFinite(loss: number, what: 'model' | 'reference', path: readonly string[]): void {
  if (Number.isFinite(loss)) return;
  throw new ProblemError({
    path: [...path],
    code: 'NON_FINITE_LOSS',
    message: `the loss of the ${what} is ${loss}: its weights are damaged`,
    hint: what === 'model' ? null : 'Choose another model to compare with, or none.',
  });
}
