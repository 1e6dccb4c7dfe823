import type { Finding } from '../../src/protocol/findings.js';
import { measuredBy } from '../../src/protocol/methods/index.js';
import { type PolicyOptimizationSpec, readsReference } from '../../src/protocol/methods/policy-optimization.js';
import { totalSteps } from '../../src/protocol/training-steps.js';
import { describeTraining } from '../training/describe-training.js';
import { checkStoppingMetric } from '../training/early-stopping.js';
import { finish } from '../training/finish.js';
import { loadPrompts } from '../training/policy/load-prompts.js';
import { openPolicy } from '../training/policy/open-policy.js';
import { optimizePolicy } from '../training/policy/optimize-policy.js';
import { createReporter } from '../training/reporter.js';
import type { TrainedModel, TrainingRun, TrainingTools } from '../training/training-tools.js';

/**
 * Policy optimization: the model writes completions of prompts with its present weights, these are rewarded, and an
 * update makes what was rewarded above the others of its prompt more probable. RLOO and GRPO are one loop; they differ
 * in how advantages are made of rewards, and the loss of them.
 *
 * There is an evaluation on held-out prompts before the first update and after each epoch. The loss tells of no
 * progress: the advantages of a prompt's completions add up to 0 whatever there is to learn (docs/methods/grpo.md).
 *
 * Errors: ProblemError (see `loadPrompts`, `openPolicy`; NON_FINITE_LOSS, NON_FINITE_LOGITS, UNKNOWN_METRIC,
 * INVALID_CHECKPOINT, those of a reward), RunStopped.
 */
export async function trainPolicy(
  run: TrainingRun<PolicyOptimizationSpec>,
  tools: TrainingTools,
): Promise<TrainedModel> {
  const { spec, context } = run;
  checkStoppingMetric(spec.hyperparameters.earlyStopping, measuredBy(spec));

  // Load.
  await using input = await loadPrompts(run, tools);

  // Build.
  await describeTraining(run, tools, input.plan);
  const report = createReporter(context, totalSteps(input.training.length, spec.hyperparameters), tools.clock);
  context.status('TRAINING');
  await using policy = await openPolicy(run, tools, input);
  if (!readsReference(spec)) {
    await report.log('INFO', 'The divergence from the reference is measured at evaluations alone');
  }

  if (policy.valueModel !== null) {
    const from = policy.valueModel.isFromReward ? 'a reward model' : 'the base model, and expects 0';
    await report.log('INFO', `The value model starts from ${from}`);
  }

  // Loop: an evaluation, then completions and updates, with an evaluation after each epoch, and checkpoints.
  const fitted = await optimizePolicy(run, tools, report, input, policy);

  // The model.
  return await finish(run, tools, report, input, policy, fitted, () => {
    const findings: readonly Finding[] = fitted.findings;
    return Promise.resolve({ heads: [], findings });
  });
}
