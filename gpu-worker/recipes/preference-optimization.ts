import { measuredSplitOf } from '../../src/protocol/held-out.js';
import type { PreferenceOptimizationSpec } from '../../src/protocol/methods/index.js';
import { measuredBy } from '../../src/protocol/methods/index.js';
import { totalSteps } from '../../src/protocol/training-steps.js';
import { exampleCount } from '../data/preference-examples.js';
import type { ParameterStore } from '../engine/types.js';
import { languageReading } from '../forward/language-reading.js';
import type { TokenScorer } from '../forward/score-tokens.js';
import { beatOrCancel } from '../stop-wishes.js';
import { buildLanguageModel } from '../training/build-language-model.js';
import { describeTraining } from '../training/describe-training.js';
import { checkStoppingMetric } from '../training/early-stopping.js';
import { finish } from '../training/finish.js';
import { fit } from '../training/fit.js';
import { inFullPrecision, mergedPrefix } from '../training/full-precision.js';
import { describeStart, requireSame } from '../training/preferences/check-reference.js';
import { judgePreferences } from '../training/preferences/judge-preferences.js';
import { describeReference, scoresByReference } from '../training/preferences/kept-reference.js';
import { loadPreferences, type PreferenceInput } from '../training/preferences/load-preferences.js';
import { type PreferenceMeasurer, preferenceMeasurer } from '../training/preferences/measure-preferences.js';
import { preferenceSource } from '../training/preferences/preference-feeds.js';
import { preferenceSamples } from '../training/preferences/preference-measures.js';
import { preferenceObjective } from '../training/preferences/preference-objective.js';
import {
  preferenceScorer,
  requireSameTokens,
  type ScoredTexts,
  scoreByModel,
  scoreByStored,
  scoreRows,
} from '../training/preferences/reference-scores.js';
import { findUnbalancedThumbs } from '../training/preferences/thumb-balance.js';
import { createReporter } from '../training/reporter.js';
import { type SampleWriter, sampleWriterOrNone } from '../training/sample-texts.js';
import type { TrainedModel, TrainingRun, TrainingTools } from '../training/training-tools.js';

/**
 * Preference optimization: a decoder learns from judged answers which of them are better, by DPO and its kin, ORPO,
 * SimPO, CPO or KTO. It writes none while it learns.
 *
 * The reference scores every answer once, before the first update, unless an earlier run had it do so; it is not in
 * memory afterwards. There is an evaluation before the first update, so that the run itself tells what it changed.
 * Every update is the gradient of the mean loss over the examples of all its batches: one batch of 8 pairs and eight of
 * 1 differ in rounding alone.
 *
 * Errors: ProblemError (see `loadPreferences`; DIFFERENT_TOKENIZERS, REFERENCE_DIFFERS, NON_FINITE_LOSS,
 * UNKNOWN_METRIC, INVALID_CHECKPOINT), RunStopped.
 */
export async function trainOnPreferences(
  run: TrainingRun<PreferenceOptimizationSpec>,
  tools: TrainingTools,
): Promise<TrainedModel> {
  const { spec, context } = run;
  const { hyperparameters: h, objective } = spec;
  checkStoppingMetric(h.earlyStopping, measuredBy(spec));

  // Load.
  await using input = await loadPreferences(run, tools);
  const { training, validation } = input;
  const source = preferenceSource(training);
  const onBatch = () => beatOrCancel(context);

  // Build.
  await describeTraining(run, tools, input.plan);
  const report = createReporter(context, totalSteps(source.lengths.length, h), tools.clock);
  const stored = await scoresOfStored(run, tools, input, onBatch);
  context.status('TRAINING');
  const model = await buildLanguageModel(tools, { ...input, training: {} }, source, h);
  const reading = languageReading(input.config, input.plan);
  const scorer = preferenceScorer(tools.engine, model.parameters, reading, [training, validation]);
  let measurer: PreferenceMeasurer | null = null;
  let writer: SampleWriter | null = null;

  try {
    // The parameters are those of the base model now, whatever checkpoint the run goes on from.
    const reference = stored ?? (await scoresOfHeld(run, tools, input, model.parameters, onBatch));
    const measurerOf = (parameters: ParameterStore, of: TokenScorer) =>
      preferenceMeasurer(tools.engine, parameters, objective, validation, of, reference?.validation ?? null);
    measurer = measurerOf(model.parameters, scorer);
    writer = await sampleWriterOrNone(tools, report, input, model.parameters);
    const before = await measurer.measure(onBatch);
    if (reference !== null && spec.referenceDigest === spec.baseModelDigest) requireSame(before.sums);
    else if (reference !== null) report.log('INFO', describeStart(before.sums, objective));

    // Loop: an evaluation, then updates, with an evaluation after each epoch, and checkpoints.
    const learned = preferenceObjective(spec, input, source, scorer, reference?.training ?? null, onBatch);
    const fitted = await fit(run, tools, report, model, learned, async (step) => {
      const { scores, loss } = step === 0 ? before : await measurer!.measure(onBatch);
      const measured = { samples: preferenceSamples('validation', scores, loss), losses: [loss] };
      // A model whose loss is not finite is refused, and writes nothing.
      if (writer === null || !Number.isFinite(loss)) return measured;
      return { ...measured, texts: await writer.write(onBatch) };
    });

    // The model.
    return await finish(run, tools, report, input, model, fitted, async (step) => {
      const { scores } = await measurer!.measure(onBatch);
      await inFullPrecision(tools, report, input, model.parameters, async (parameters) => {
        const mergedScorer = preferenceScorer(tools.engine, parameters, reading, [validation]);
        const merged = measurerOf(parameters, mergedScorer);
        try {
          const found = await merged.measure(onBatch);
          const samples = preferenceSamples(mergedPrefix, found.scores, found.loss);
          await report.validation(step, fitted.state.epoch, samples);
        } finally {
          await merged.release();
          await mergedScorer.release();
        }
      });
      const findings = [
        ...judgePreferences(measuredSplitOf(spec), before.scores, scores, exampleCount(validation.examples)),
        ...findUnbalancedThumbs(objective, training.examples),
      ];
      return { heads: [], findings };
    });
  } finally {
    await writer?.release();
    await measurer?.release();
    await scorer.release();
    model.release();
  }
}

/** Log-probabilities by the reference. */
interface ReferenceScores {
  readonly training: ScoredTexts;
  readonly validation: ScoredTexts;
}

/**
 * Those of the reference as it is stored. Null where the objective has none, and where it is the base model, which is
 * held in fewer bits: then it is what is trained.
 */
async function scoresOfStored(
  { spec, context }: TrainingRun<PreferenceOptimizationSpec>,
  tools: TrainingTools,
  input: PreferenceInput,
  onBatch: () => void,
): Promise<ReferenceScores | null> {
  const { referenceDigest, baseModelDigest, hyperparameters } = spec;
  if (referenceDigest === null) return null;
  const isBase = referenceDigest === baseModelDigest;
  if (isBase && formatOf(hyperparameters) !== 'float32') return null;
  if (!isBase) await requireSameTokens(tools.store, referenceDigest, input.base);
  return readOrScore({ spec, context }, tools, input, 'float32', (rows) =>
    isBase
      ? scoreByModel(tools.engine, input.base, rows, onBatch)
      : scoreByStored(tools, referenceDigest, rows, onBatch),
  );
}

/** Those of the base model as it is held, before it is trained; null where the objective has no reference. */
async function scoresOfHeld(
  run: Pick<TrainingRun<PreferenceOptimizationSpec>, 'spec' | 'context'>,
  tools: TrainingTools,
  input: PreferenceInput,
  parameters: ParameterStore,
  onBatch: () => void,
): Promise<ReferenceScores | null> {
  if (run.spec.referenceDigest === null) return null;
  return readOrScore(run, tools, input, formatOf(run.spec.hyperparameters), (rows) =>
    scoreRows(tools.engine, parameters, languageReading(input.config, input.plan), rows, onBatch),
  );
}

async function readOrScore(
  { spec, context }: Pick<TrainingRun<PreferenceOptimizationSpec>, 'spec' | 'context'>,
  tools: TrainingTools,
  { training, validation }: PreferenceInput,
  precision: string,
  score: Parameters<typeof scoresByReference>[4],
): Promise<ReferenceScores> {
  const reference = { referenceDigest: spec.referenceDigest!, datasetDigest: spec.datasetDigest, precision };
  const { scores, counts } = await scoresByReference(tools, context, reference, [training, validation], score);
  await context.events([{ kind: 'logLine', level: 'INFO', message: describeReference(counts) }]);
  return { training: scores[0]!, validation: scores[1]! };
}

/** How matrices are held that are not trained. */
function formatOf({ adapter }: PreferenceOptimizationSpec['hyperparameters']): string {
  return adapter?.frozenWeights ?? 'float32';
}
