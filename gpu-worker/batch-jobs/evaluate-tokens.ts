import type { TokenScores } from '../../src/protocol/evaluation-scores.js';
import { findTruncated } from '../../src/protocol/findings.js';
import type { EvaluateJob } from '../../src/protocol/job.js';
import { noLists, type ScoredExample } from '../../src/protocol/scored-example.js';
import { type TokenEvaluation, tokenTask } from '../../src/protocol/token-evaluation.js';
import { compareTokens, incomparable, tokenMeasures } from '../metrics/compare-tokens.js';
import type { PredictedTokens } from '../metrics/language-scores.js';
import { verifiedPath } from '../models/artifacts.js';
import { ProblemError } from '../problem-error.js';
import { keepExamplesOrNone } from '../short-jobs/keep-examples.js';
import { beatOrLeave } from '../stop-wishes.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import { digestOf } from '../training/token-texts.js';
import type { BatchTools } from './predict-batch.js';
import { type ScoredTokens, scoreTokens } from './score-tokens.js';

/**
 * Scores a model's own predictions of tokens on one split of a dataset version, and those of a baseline on the same
 * rows. Conversations are written by the chat template of the model that is scored, for both.
 *
 * Errors: ProblemError NON_FINITE_LOSS, and what `scoreTokens` throws; RunStopped.
 */
export async function evaluateTokens(
  job: EvaluateJob,
  how: TokenEvaluation,
  context: JobContext,
  tools: Pick<BatchTools, 'engine' | 'store' | 'folder'>,
): Promise<JobOutcome & { readonly kind: 'finished' }> {
  const beat = (): void => beatOrLeave(context);
  const path = await verifiedPath(tools.store, job.datasetDigest, 'the dataset version');
  const rows = { path, split: job.split, textColumn: job.textColumn };
  const models = how.baselineDigest === null ? 1 : 2;
  let examplesTotal = 0;
  const tell = (modelsDone: number) => (share: number, examples: number) => {
    beat();
    if (modelsDone === 0) examplesTotal = examples;
    if (examplesTotal === 0) return;
    context.progressed({ examplesDone: Math.floor((examplesTotal * (modelsDone + share)) / models), examplesTotal });
  };

  const own = await scoreTokens(tools, { digest: job.modelDigest, path: ['modelId'] }, how, rows, null, tell(0));
  const sums = sumOf(own.ofRows.values());
  refuseNonFinite(tokenMeasures.loss(sums), 'model', ['modelId']);
  const other =
    how.baselineDigest === null
      ? null
      : await scoreTokens(
          tools,
          { digest: how.baselineDigest, path: ['tokens', 'baselineId'] },
          how,
          rows,
          own.reader,
          tell(1),
        );
  if (other !== null) {
    refuseNonFinite(tokenMeasures.loss(sumOf(other.ofRows.values())), 'baseline', ['tokens', 'baselineId']);
  }
  const tokensDigest = digestOf(own.texts);
  const hasSameTokens = other !== null && digestOf(other.texts) === tokensDigest;
  const scores: TokenScores = {
    kind: 'tokens',
    task: tokenTask,
    exampleCount: own.ofRows.size,
    ...scoresOf(sums),
    tokensDigest,
    byteCount: sums.bytes === 0 ? null : sums.bytes,
    truncatedCount: own.texts.truncatedCount,
    leftOutCount: own.texts.leftOutCount,
    baseline: other === null ? null : compared(own, other, hasSameTokens, how.seed, beat),
  };
  const file = await keepExamplesOrNone(tools.store, tools.folder, examplesOf(own, hasSameTokens ? other : null), beat);
  const kept = file === null ? { examplesMissing: 'DISK_FULL' as const } : { examplesDigest: file.digest };
  const cut = { exampleCount: scores.exampleCount, truncatedCount: scores.truncatedCount };
  // A document that is longer is divided: all of it is read.
  const findings = how.conversations === null ? [] : findTruncated({ split: job.split, maxLength: how.maxLength }, cut);
  return {
    kind: 'finished',
    result: { kind: 'evaluate', tasks: [scores], findings, ...kept },
    model: null,
    files: file === null ? [] : [file],
  };
}

function compared(
  own: ScoredTokens,
  other: ScoredTokens,
  hasSameTokens: boolean,
  seed: number,
  onProgress: () => void,
) {
  const examples = [...own.ofRows].flatMap(([row, sums]) => {
    const found = other.ofRows.get(row);
    return found === undefined ? [] : [{ own: sums, other: found }];
  });
  const isComplete = examples.length === own.ofRows.size && examples.length === other.ofRows.size;
  const missing = incomparable(examples, { hasSameTokens, isComplete });
  const measures = Object.keys(tokenMeasures) as (keyof typeof tokenMeasures)[];
  const comparable = measures.filter((each) => missing.every(({ measure }) => measure !== each));
  return {
    ...scoresOf(sumOf(other.ofRows.values())),
    differences: compareTokens(examples, comparable, seed, onProgress),
    incomparable: missing,
  };
}

function scoresOf(sums: PredictedTokens) {
  return {
    tokenCount: sums.tokens,
    loss: tokenMeasures.loss(sums),
    perplexity: tokenMeasures.perplexity(sums),
    bitsPerByte: sums.bytes === 0 ? null : tokenMeasures.bitsPerByte(sums),
    tokenAccuracy: tokenMeasures.tokenAccuracy(sums),
  };
}

function sumOf(examples: Iterable<PredictedTokens>): PredictedTokens {
  let [tokens, nats, right, bytes] = [0, 0, 0, 0];
  for (const each of examples) {
    tokens += each.tokens;
    nats += each.nats;
    right += each.right;
    bytes += each.bytes;
  }
  return { tokens, nats, right, bytes };
}

/** @param other a model that read the same tokens, if there is one */
function* examplesOf(own: ScoredTokens, other: ScoredTokens | null): Generator<ScoredExample> {
  for (const [row, sums] of own.ofRows) {
    const found = other?.ofRows.get(row);
    yield {
      task: tokenTask,
      row,
      isRight: null,
      confidence: null,
      error: tokenMeasures.loss(sums),
      ...noLists,
      tokenCount: sums.tokens,
      rightTokenCount: sums.right,
      baselineError: found === undefined ? null : tokenMeasures.loss(found),
    };
  }
}

function refuseNonFinite(loss: number, what: 'model' | 'baseline', path: readonly string[]): void {
  if (Number.isFinite(loss)) return;
  throw new ProblemError({
    path: [...path],
    code: 'NON_FINITE_LOSS',
    message: `the loss of the ${what} is ${loss}: its weights are damaged`,
    hint: what === 'model' ? null : 'Choose another model to compare with, or none.',
  });
}
