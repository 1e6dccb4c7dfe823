import type { TransformerConfig } from '../../src/protocol/architectures/index.js';
import { predictedTokensOf } from '../../src/protocol/predicts-tokens.js';
import type { TokenEvaluation } from '../../src/protocol/token-evaluation.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import type { Engine } from '../engine/types.js';
import { fillParameters } from '../forward/initial-values.js';
import { languageReading } from '../forward/language-reading.js';
import { planLanguageModel, plannedParameters } from '../forward/model-plan.js';
import { rowScorer } from '../forward/score-rows.js';
import type { PredictedTokens } from '../metrics/language-scores.js';
import { type LoadedModel, loadModel } from '../models/load-model.js';
import { ProblemError } from '../problem-error.js';
import { type EvaluatedRows, type Readers, readTokenTexts, type TokenTexts } from '../training/token-texts.js';

/** What a model predicted of a split. */
export interface ScoredTokens {
  readonly reader: Readers['reader'];
  readonly texts: TokenTexts;
  /** By rows of the dataset version, in their order; those without a predicted token are left out. */
  readonly ofRows: ReadonlyMap<number, PredictedTokens>;
}

/**
 * Lets a model predict the tokens of a split.
 *
 * @param model its digest, and its path in the input
 * @param writer the model whose chat template writes conversations; null: this one
 * @param onProgress called often: with the share of the rows that are scored, and how many there are; 0 before that is
 * known
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL, INVALID_VALUE; what `readTokenTexts` throws
 */
export async function scoreTokens(
  { engine, store }: { readonly engine: Engine; readonly store: ArtifactStore },
  model: { readonly digest: string; readonly path: readonly string[] },
  how: TokenEvaluation,
  rows: EvaluatedRows,
  writer: Readers['writer'] | null,
  onProgress: (share: number, examples: number) => void,
): Promise<ScoredTokens> {
  const reader = await loadModel(store, model.digest);
  try {
    checkPredicts(reader, how, model.path);
    const texts = await readTokenTexts(how, rows, { reader, writer: writer ?? reader }, store, () => onProgress(0, 0));
    const ofRows = await predict(engine, reader, texts, onProgress);
    return { reader, texts, ofRows };
  } finally {
    await reader.weights.close();
  }
}

async function predict(
  engine: Engine,
  { manifest, weights }: LoadedModel,
  { tokens, rowOf, bytesOf }: TokenTexts,
  onProgress: (share: number, examples: number) => void,
): Promise<ReadonlyMap<number, PredictedTokens>> {
  const plan = planLanguageModel(manifest, { dropout: 0, freeze: { kind: 'encoder' }, adapter: null });
  // No parameter is trainable, so that the weights in matrix products become constants of the graph.
  const parameters = engine.createParameters(plannedParameters(plan).map((spec) => ({ ...spec, trainable: false })));
  try {
    await fillParameters(parameters, weights, new Map());
    const reading = languageReading(manifest.config as TransformerConfig, plan);
    const scorer = rowScorer(engine, parameters, tokens, reading);
    try {
      const examples = new Set(rowOf.filter((_, index) => tokens.targetCounts[index]! > 0)).size;
      const { natsOf, rightOf } = await scorer.score((rowsDone) =>
        onProgress(rowsDone / tokens.lengths.length, examples),
      );
      const ofRows = new Map<number, PredictedTokens>();
      for (const [index, row] of rowOf.entries()) {
        const count = tokens.targetCounts[index]!;
        if (count === 0) continue;
        const { tokens: before, nats, right } = ofRows.get(row) ?? { tokens: 0, nats: 0, right: 0 };
        ofRows.set(row, {
          tokens: before + count,
          nats: nats + natsOf[index]!,
          right: right + rightOf[index]!,
          bytes: bytesOf.get(row) ?? 0,
        });
      }
      return ofRows;
    } finally {
      await scorer.release();
    }
  } finally {
    parameters.release();
  }
}

function checkPredicts({ manifest }: LoadedModel, how: TokenEvaluation, path: readonly string[]): void {
  if (predictedTokensOf(manifest) !== how.objective) {
    const what = how.objective === 'causal' ? 'the next token' : 'masked tokens';
    throw new ProblemError({
      path: [...path],
      code: 'INVALID_VALUE',
      message: `the model does not predict ${what}`,
      hint: 'Choose a language model without heads.',
    });
  }
  if (how.maxLength <= manifest.contextLength) return;
  throw new ProblemError({
    path: ['tokens', 'maxLength'],
    code: 'TOO_LONG',
    message: `the model reads at most ${manifest.contextLength} tokens, fewer than ${how.maxLength}`,
    hint: `Set maxLength to ${manifest.contextLength} or less.`,
  });
}
