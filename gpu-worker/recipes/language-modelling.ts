import type { InstructionTuningSpec, LanguageModellingSpec } from '../../src/protocol/methods/index.js';
import { measuredBy } from '../../src/protocol/methods/index.js';
import { totalSteps } from '../../src/protocol/training-steps.js';
import { tokenLogits } from '../architectures/token-logits.js';
import { tokenStates } from '../architectures/transformer.js';
import type { TokenRows } from '../data/token-sequences.js';
import type { ParameterStore } from '../engine/types.js';
import { tokensOf } from '../forward/example-source.js';
import { languageReading } from '../forward/language-reading.js';
import {
  atTargets,
  feedTargets,
  layTargetsOut,
  rowSource,
  targetInputs,
  targetsDimension,
} from '../forward/row-source.js';
import { type RowScorer, rowScorer } from '../forward/score-rows.js';
import { chunkedCrossEntropy } from '../losses/chunked-cross-entropy.js';
import { languageSamples } from '../metrics/language-scores.js';
import { beatOrCancel } from '../stop-wishes.js';
import { buildLanguageModel } from '../training/build-language-model.js';
import { describeTraining } from '../training/describe-training.js';
import { checkStoppingMetric } from '../training/early-stopping.js';
import { finish } from '../training/finish.js';
import { fit, type Objective, type Validation } from '../training/fit.js';
import { inFullPrecision, mergedPrefix } from '../training/full-precision.js';
import type { LanguageInput, LanguageTexts } from '../training/load-language.js';
import { createReporter } from '../training/reporter.js';
import { type SampleWriter, sampleWriterOrNone } from '../training/sample-texts.js';
import type { TrainedModel, TrainingRun, TrainingTools } from '../training/training-tools.js';

/**
 * Training of a language model's own predictions: on raw texts, of which a decoder predicts every token from those
 * before it, and an encoder some masked tokens from all others (continued pre-training, and so the adaptation to a
 * domain, or training from nothing), and on conversations, of which the tokens of answers are. Which it is, the loader
 * says.
 *
 * There is an evaluation before the first update, so that the run itself tells what it changed, on the texts that are
 * learned and on control texts. Every update is the gradient of the mean loss over the tokens of all its batches: one
 * batch of 8 rows and eight of 1 differ in rounding alone.
 *
 * Errors: ProblemError (see `loadLanguageTraining`, `loadConversations`; NON_FINITE_LOSS, UNKNOWN_METRIC,
 * INVALID_CHECKPOINT), RunStopped.
 */
export async function trainLanguageModel(
  run: TrainingRun<LanguageModellingSpec | InstructionTuningSpec>,
  tools: TrainingTools,
  load: () => Promise<LanguageInput>,
): Promise<TrainedModel> {
  const { spec, context } = run;
  const h = spec.hyperparameters;
  checkStoppingMetric(h.earlyStopping, measuredBy(spec));

  // Load.
  await using input = await load();
  const { rows } = input.training;

  // Build.
  await describeTraining(run, tools, input.plan);
  const report = createReporter(context, totalSteps(rows.lengths.length, h), tools.clock);
  context.status('TRAINING');
  const model = await buildLanguageModel(tools, input, rowSource(rows), h);
  const reading = languageReading(input.config, input.plan);
  const scored: [string, LanguageTexts][] = [['validation', input.validation]];
  if (input.control !== null) scored.push(['control', input.control]);
  const scorerOf = (split: string, texts: LanguageTexts, parameters: ParameterStore): ScoredTexts => ({
    split,
    bytes: texts.bytes,
    scorer: rowScorer(tools.engine, parameters, texts.rows, reading),
  });
  const scorers = scored.map(([split, texts]) => scorerOf(split, texts, model.parameters));
  let writer: SampleWriter | null = null;

  try {
    writer = await sampleWriterOrNone(tools, report, input, model.parameters);

    // Loop: an evaluation, then updates, with an evaluation after each epoch, and checkpoints.
    const objective = objectiveOf(input, h.batchSize);
    const fitted = await fit(run, tools, report, model, objective, async () => {
      const measured = await validate(scorers, () => beatOrCancel(context));
      // A model whose loss is not finite is refused, and writes nothing.
      if (writer === null || !measured.losses.every(Number.isFinite)) return measured;
      return { ...measured, texts: await writer.write(() => beatOrCancel(context)) };
    });

    // The model.
    return await finish(run, tools, report, input, model, fitted, async (step) => {
      await inFullPrecision(tools, report, input, model.parameters, async (parameters) => {
        const merged = scorerOf(mergedPrefix, input.validation, parameters);
        try {
          const { samples } = await validate([merged], () => beatOrCancel(context));
          await report.validation(step, fitted.state.epoch, samples);
        } finally {
          await merged.scorer.release();
        }
      });
      return { heads: [], findings: [] };
    });
  } finally {
    await writer?.release();
    for (const { scorer } of scorers) await scorer.release();
    model.release();
  }
}

/** Texts that are scored, with the beginning of their metrics' keys. */
interface ScoredTexts {
  readonly split: string;
  readonly bytes: number;
  readonly scorer: RowScorer;
}

async function validate(scorers: readonly ScoredTexts[], onBatch: () => void): Promise<Validation> {
  const samples = [];
  const losses = [];
  for (const { split, bytes, scorer } of scorers) {
    const sums = await scorer.score(onBatch);
    samples.push(...languageSamples(split, { ...sums, bytes }));
    losses.push(sums.nats / Math.max(1, sums.tokens));
  }
  return { samples, losses };
}

function objectiveOf({ config, plan, training }: LanguageInput, B: number): Objective {
  const layout = layTargetsOut(training, B, config.vocabularySize);
  const rowsOf = lastOf(training.rowsOf);
  const trainsTable = plan.lora === null;
  let learned = 0;
  return {
    evaluatesFirst: true,
    inputs: (batchSize, length) => targetInputs(layout, batchSize, length),
    loss(weights, inputs, random) {
      const run = { ...plan.reading, random };
      const states = tokenStates(weights, tokensOf(inputs), config, run);
      const { taken, targets } = atTargets(states, inputs);
      const { rows: read, table } = tokenLogits(weights, taken, config, run);
      return { loss: chunkedCrossEntropy(read, table, targets, { trainsTable }) };
    },
    async *feeds({ batches, epoch }) {
      const rows = rowsOf(epoch);
      const source = rowSource(rows);
      learned = batches.reduce(
        (sum, { batch }) => sum + batch.examples.reduce((count, row) => count + rows.targetCounts[row]!, 0),
        0,
      );
      for (const { batch } of batches) {
        const { feeds, perChunk } = feedTargets(rows, batch, B, layout, learned === 0 ? 0 : 1 / learned);
        yield {
          feeds: { ...source.feeds(batch, B), ...feeds },
          scale: 1,
          sizes: { [targetsDimension]: perChunk },
        };
      }
    },
    measure: (_, results) => ({
      loss: results.reduce((sum, { loss }) => sum + loss, 0),
      samples: [],
      tokens: learned,
    }),
  };
}

/** Remembers the rows of the last epoch asked for: an epoch's updates come one after the other. */
function lastOf(rowsOf: LanguageTexts['rowsOf']): LanguageTexts['rowsOf'] {
  let last: { readonly epoch: number; readonly rows: TokenRows } | null = null;
  return (epoch) => {
    if (last?.epoch !== epoch) last = { epoch, rows: rowsOf(epoch) };
    return last.rows;
  };
}
