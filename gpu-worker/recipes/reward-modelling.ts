import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { RewardScores } from '../../src/protocol/evaluation-scores.js';
import type { Finding } from '../../src/protocol/findings.js';
import { type RewardHead, rewardTask } from '../../src/protocol/heads.js';
import { judgeRewards } from '../../src/protocol/judge-rewards.js';
import { headsOf, measuredBy, type RewardModellingSpec, textsPerExample } from '../../src/protocol/methods/index.js';
import { totalSteps } from '../../src/protocol/training-steps.js';
import { collateRows } from '../data/collate.js';
import { marginsOf, mostStrength } from '../data/comparisons.js';
import { pairUnits } from '../data/pair-units.js';
import type { ParameterStore } from '../engine/types.js';
import { judgeLengths } from '../forward/examples.js';
import { pairSource } from '../forward/pair-source.js';
import { compileHeads, outputsOf, runHeads } from '../forward/run-heads.js';
import { type Head, headToTrain } from '../heads/index.js';
import { comparisonLoss, verdictLoss } from '../losses/comparison.js';
import { rewardSamples } from '../metrics/metric-samples.js';
import { evidenceOf, scoreRewards } from '../metrics/reward-scores.js';
import { beatOrCancel, beatOrLeave } from '../stop-wishes.js';
import { buildTrainee, type Trainee } from '../training/build-trainee.js';
import { describeTraining } from '../training/describe-training.js';
import { checkStoppingMetric } from '../training/early-stopping.js';
import { finish, type JudgedHeads } from '../training/finish.js';
import { fit, type Objective, type Validation } from '../training/fit.js';
import { inFullPrecision, mergedPrefix } from '../training/full-precision.js';
import { type JudgedTexts, loadPreferences, type RewardInput } from '../training/load-preferences.js';
import { createReporter } from '../training/reporter.js';
import type { TrainedModel, TrainingRun, TrainingTools } from '../training/training-tools.js';

/**
 * Training of a reward model: a head that gives a prompt with an answer one number, learned from which of two answers
 * is better, or from which are good. Both answers of a pair go through one step.
 *
 * Every update is the gradient of the weighted mean loss over all pairs of its batches. The model is judged by the
 * pairs of the validation split, and keeps what they say of it.
 *
 * Errors: ProblemError (see `loadPreferences`; NON_FINITE_LOSS, UNKNOWN_METRIC, INVALID_CHECKPOINT), RunStopped.
 */
export async function trainRewardModel(
  run: TrainingRun<RewardModellingSpec>,
  tools: TrainingTools,
): Promise<TrainedModel> {
  const { spec, context } = run;
  const h = spec.hyperparameters;
  checkStoppingMetric(h.earlyStopping, measuredBy(spec));

  // Load.
  await using input = await loadPreferences(run, tools);
  const heads = headsOf(spec).map(headToTrain);

  // Build.
  await describeTraining(run, tools, input.plan);
  const report = createReporter(context, totalSteps(exampleCount(spec, input), h), tools.clock);
  context.status('TRAINING');
  const textsOfBatch = { ...h, batchSize: textsPerExample(spec) * h.batchSize };
  const built = await buildTrainee(tools, input, { extra: [], biases: [undefined] }, textsOfBatch, {
    async onBatch(done) {
      beatOrLeave(context);
      await report.encoded(done, input.training.count + input.validation.count);
    },
    onDecision: (sentence) => report.log('INFO', sentence),
  });
  const { model, objective } = learningOf(spec, input, built, heads[0]!);
  const validatorOf = (parameters: ParameterStore) =>
    compileHeads(tools.engine, parameters, heads, model.read, {
      config: model.config,
      inputs: model.validation.inputs,
      frozen: false,
    });
  const validator = validatorOf(model.parameters);
  const most = mostStrength(input.judged.training.comparisons);

  async function score(by = validator): Promise<RewardScores> {
    const [outputs] = await runHeads(by, heads, model.validation, () => beatOrCancel(context));
    return scoresOf(outputs!, input.judged.validation, spec, most);
  }

  try {
    // Loop: updates, an evaluation after each epoch, checkpoints.
    const judged = new Map<number, RewardScores>();
    const fitted = await fit(run, tools, report, model, objective, async (step): Promise<Validation> => {
      const scores = await score();
      judged.set(step, scores);
      return { samples: rewardSamples('validation', scores), losses: [scores.loss] };
    });

    // The model.
    const lengths = judgeLengths(input.training, spec.trainSplit, h.maxLength);
    return await finish(run, tools, report, input, model, fitted, async (step): Promise<JudgedHeads> => {
      const merged = await inFullPrecision(tools, report, input, model.parameters, async (parameters) => {
        const ofModel = validatorOf(parameters);
        try {
          return await score(ofModel);
        } finally {
          await ofModel.release();
        }
      });
      if (merged !== null) await report.validation(step, fitted.state.epoch, rewardSamples(mergedPrefix, merged));
      // A former attempt may have made the evaluation of this step.
      const scores = merged ?? judged.get(step) ?? (await score());
      const findings: Finding[] = [...lengths, ...judgeRewards(scores)];
      return { heads: [headOf(scores, spec)], findings };
    });
  } finally {
    await validator.release();
    model.release();
  }
}

/** The head as the trained model has it, with what held-out pairs say of it. */
function headOf(scores: RewardScores, { templateTime }: RewardModellingSpec): RewardHead {
  return {
    kind: 'reward',
    task: rewardTask,
    mean: scores.meanReward,
    scale: scores.standardDeviation,
    evidence: evidenceOf(scores),
    templateTime,
  };
}

/** Examples of an epoch: pairs, or answers with a thumb. */
function exampleCount({ preference }: RewardModellingSpec, { judged, training }: RewardInput): number {
  return preference.kind === 'thumbs' ? training.count : judged.training.comparisons.weights.length;
}

/** The training source in the examples that are learned, and their loss. */
function learningOf(
  spec: RewardModellingSpec,
  { judged }: RewardInput,
  built: Trainee,
  head: Head,
): { readonly model: Trainee; readonly objective: Objective } {
  const { comparisons, preferences } = judged.training;
  if (preferences.judgements.kind === 'thumbs') {
    const verdicts = Float32Array.from(preferences.judgements.areGood);
    return { model: built, objective: verdictObjective(spec, built, head, verdicts) };
  }
  const model = { ...built, training: pairSource(built.training, comparisons.pairs) };
  const margins = marginsOf(comparisons, spec.margin, mostStrength(comparisons));
  return { model, objective: comparisonObjective(spec, model, head, { ...comparisons, margins }) };
}

function comparisonObjective(
  { centring, hyperparameters: { batchSize: B } }: RewardModellingSpec,
  { training, read }: Trainee,
  head: Head,
  pairs: { readonly weights: Float32Array; readonly margins: Float32Array; readonly shares: Float32Array },
): Objective {
  return {
    inputs: (batchSize) => ({
      pairWeights: { shape: [batchSize], dtype: 'float32' },
      margins: { shape: [batchSize], dtype: 'float32' },
      shares: { shape: [batchSize], dtype: 'float32' },
    }),
    loss(weights, inputs, random) {
      const rewards = reshape(outputsOf(weights, head, read(weights, inputs, random)), [B, 2]);
      const { pairWeights, margins, shares } = inputs as Record<string, Tensor>;
      return { loss: comparisonLoss(rewards, { weights: pairWeights!, margins: margins!, shares: shares! }, centring) };
    },
    async *feeds({ batches }) {
      const total = batches.reduce((sum, { batch }) => sum + sumOf(pairs.weights, batch.examples), 0);
      const scaled = pairs.weights.map((weight) => weight / total);
      for (const { batch } of batches) {
        const of = (values: Float32Array) => collateRows(values, 1, batch.examples, B);
        yield {
          feeds: {
            ...training.feeds(batch, B),
            pairWeights: of(scaled),
            margins: of(pairs.margins),
            shares: of(pairs.shares),
          },
          scale: 1,
        };
      }
    },
    measure: (_, results) => ({ loss: results.reduce((sum, { loss }) => sum + loss, 0), samples: [] }),
  };
}

function verdictObjective(
  { centring, hyperparameters: { batchSize: B } }: RewardModellingSpec,
  { training, read }: Trainee,
  head: Head,
  verdicts: Float32Array,
): Objective {
  return {
    inputs: (batchSize) => ({
      answerWeights: { shape: [batchSize], dtype: 'float32' },
      verdicts: { shape: [batchSize], dtype: 'float32' },
    }),
    loss(weights, inputs, random) {
      const rewards = reshape(outputsOf(weights, head, read(weights, inputs, random)), [B]);
      const { answerWeights, verdicts } = inputs as Record<string, Tensor>;
      return { loss: verdictLoss(rewards, answerWeights!, verdicts!, centring) };
    },
    async *feeds({ batches, exampleCount }) {
      for (const { batch } of batches) {
        const answerWeights = new Float32Array(B).fill(1 / exampleCount, 0, batch.examples.length);
        yield {
          feeds: {
            ...training.feeds(batch, B),
            answerWeights,
            verdicts: collateRows(verdicts, 1, batch.examples, B),
          },
          scale: 1,
        };
      }
    },
    measure: (_, results) => ({ loss: results.reduce((sum, { loss }) => sum + loss, 0), samples: [] }),
  };
}

/** @param most the largest strength of the training split */
function scoresOf(
  outputs: Float32Array,
  { preferences, comparisons, leftOutCount }: JudgedTexts,
  { margin, centring }: RewardModellingSpec,
  most: number,
): RewardScores {
  return scoreRewards(
    outputs,
    {
      ...comparisons,
      margins: marginsOf(comparisons, margin, most),
      answerLengths: preferences.answerLengths,
      units: pairUnits(preferences),
    },
    centring,
    { leftOutCount, truncatedCount: preferences.texts.truncated.reduce((sum, each) => sum + each, 0) },
  );
}

function sumOf(values: Float32Array, places: Int32Array): number {
  return places.reduce((sum, place) => sum + values[place]!, 0);
}
