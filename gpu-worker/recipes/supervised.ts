import type { Finding } from '../../src/protocol/findings.js';
import { judgeScores } from '../../src/protocol/judge-scores.js';
import { byMethodOfHeads, type HeadsSpec, headsOf, measuredBy } from '../../src/protocol/methods/index.js';
import { totalSteps } from '../../src/protocol/training-steps.js';
import type { ParameterStore } from '../engine/types.js';
import { judgeLengths } from '../forward/examples.js';
import { compileHeads, runHeads } from '../forward/run-heads.js';
import { headToTrain, isSettledLater, prepareHead, scoreHead, settleHead } from '../heads/index.js';
import { beatOrCancel, beatOrLeave } from '../stop-wishes.js';
import { buildTrainee } from '../training/build-trainee.js';
import { describeTraining } from '../training/describe-training.js';
import { checkStoppingMetric } from '../training/early-stopping.js';
import { finish, type JudgedHeads } from '../training/finish.js';
import { fit, type Validation } from '../training/fit.js';
import { inFullPrecision, mergedPrefix } from '../training/full-precision.js';
import { loadTraining } from '../training/load-training.js';
import { createReporter } from '../training/reporter.js';
import type { TrainedModel, TrainingRun, TrainingTools } from '../training/training-tools.js';
import type { Learning } from './learning.js';
import { oneTask } from './one-task.js';
import { severalTasks } from './several-tasks.js';

/**
 * Supervised fine-tuning of one encoder with one head or several, of any kinds: what a head's kind means for targets,
 * loss and scores is in heads/, how several losses become one in several-tasks.ts.
 *
 * The model produced is the last one; with early stopping, that of the best evaluation. Every update is the gradient of
 * the weighted mean loss over all targets of its accumulated batches, so that one batch of 32 and four of 8 differ in
 * rounding alone.
 *
 * Errors: ProblemError (see `loadTraining`; NON_FINITE_LOSS, UNKNOWN_METRIC, INVALID_CHECKPOINT), RunStopped.
 */
export async function trainSupervised(run: TrainingRun<HeadsSpec>, tools: TrainingTools): Promise<TrainedModel> {
  const { spec, context } = run;
  const h = spec.hyperparameters;
  checkStoppingMetric(h.earlyStopping, measuredBy(spec));

  // Load.
  await using input = await loadTraining(run, tools);
  const tasks = headsOf(spec);
  const trained = tasks.map((task, k) => prepareHead(task, input.training.targets[k]!, input.base.manifest.config));

  // Build.
  await describeTraining(run, tools, input.plan);
  const report = createReporter(context, totalSteps(input.training.count, h), tools.clock);
  context.status('TRAINING');
  const learning = byMethodOfHeads<Learning>(spec, {
    supervised: () => oneTask(trained[0]!),
    multiTask: (several) => severalTasks(several, trained),
  });
  const model = await buildTrainee(
    tools,
    input,
    { extra: learning.extra, biases: trained.map(({ initialBias }) => initialBias) },
    h,
    {
      async onBatch(done) {
        beatOrLeave(context);
        await report.encoded(done, input.training.count + input.validation.count);
      },
      onDecision: (sentence) => report.log('INFO', sentence),
    },
  );
  const heads = tasks.map(headToTrain);
  const validatorOf = (parameters: ParameterStore) =>
    compileHeads(tools.engine, parameters, heads, model.read, {
      config: model.config,
      inputs: model.validation.inputs,
      frozen: false,
    });
  const validator = validatorOf(model.parameters);

  /** The heads, with what is chosen on the validation split (such as thresholds), and their scores there. */
  async function score(by = validator) {
    const outputs = await runHeads(by, heads, model.validation, () => beatOrCancel(context));
    return trained.map(({ modelHead }, k) => {
      const targets = input.validation.targets[k]!;
      const head = settleHead(tasks[k]!.head, modelHead, outputs[k]!, targets);
      return { head, scores: scoreHead(head, outputs[k]!, targets) };
    });
  }

  try {
    // Loop: updates, an evaluation after each epoch, checkpoints.
    const objective = learning.objectiveOf(model, h);
    const judged = new Map<number, readonly Finding[]>();
    const fitted = await fit(run, tools, report, model, objective, async (step): Promise<Validation> => {
      const scored = await score();
      const scores = scored.map(({ scores }) => scores);
      judged.set(step, scores.flatMap(judgeScores));
      return { samples: learning.samples('validation', scores, model), losses: scores.map(({ loss }) => loss) };
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
      if (merged !== null) {
        const scores = merged.map((each) => each.scores);
        await report.validation(step, fitted.state.epoch, learning.samples(mergedPrefix, scores, model));
        const findings = [...lengths, ...scores.flatMap(judgeScores)];
        return { heads: merged.map(({ head }) => head), findings };
      }
      const known = judged.get(step);
      // A former attempt may have made the evaluation of this step.
      if (known === undefined || tasks.some(({ head }) => isSettledLater(head))) {
        const scored = await score();
        const findings = [...lengths, ...scored.flatMap(({ scores }) => judgeScores(scores))];
        return { heads: scored.map(({ head }) => head), findings };
      }
      return { heads: trained.map(({ modelHead }) => modelHead), findings: [...lengths, ...known] };
    });
  } finally {
    await validator.release();
    model.release();
  }
}
