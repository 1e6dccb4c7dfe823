import type { Finding } from '../../../src/protocol/findings.js';
import { lengthsThatOccur } from '../../../src/protocol/length-buckets.js';
import {
  type PolicyOptimizationSpec,
  readsReference,
  updatesOfStep,
} from '../../../src/protocol/methods/policy-optimization.js';
import type { MetricSample } from '../../../src/protocol/run-event.js';
import { metricSample } from '../../metrics/metric-samples.js';
import { adamwRule } from '../../optim/coefficients.js';
import { beatOrCancel } from '../../stop-wishes.js';
import { createCheckpointing } from '../checkpointing.js';
import { isExhausted, observeValidation } from '../early-stopping.js';
import type { Fitted } from '../fit.js';
import { refuseNonFinite } from '../non-finite.js';
import { adamwOptions } from '../optimizer.js';
import type { Reporter } from '../reporter.js';
import { planTraining } from '../training-plan.js';
import type { TrainingRun, TrainingTools } from '../training-tools.js';
import { endsRun, observeHeldOut, observeUpdate } from './guards.js';
import type { PolicyInput } from './load-prompts.js';
import { measurePolicy } from './measure-policy.js';
import type { OpenPolicy } from './open-policy.js';
import { noPolicyState } from './policy-state.js';
import { updatePolicy } from './update-policy.js';
import { updatePpo } from './update-ppo.js';
import { isPpo } from './value-model.js';
import { restoreUpdates, withValueModel } from './with-value-model.js';
import { writeGroups } from './write-groups.js';

/** Where a policy stands after its last update, and what a person should know of it. */
export interface OptimizedPolicy extends Fitted {
  readonly findings: readonly Finding[];
}

/** Of so many groups with equal rewards a person is told. */
const mostEqualShare = 0.75;

/**
 * Trains a policy until the last step, or until early stopping or a guard ends it. It is made of the parts of `fit`: a
 * step writes completions, rewards them, and makes μ updates of them, all from seeds, so that a run that is resumed
 * between two steps ends with the same bytes. Rates of a schedule count updates.
 *
 * Errors: ProblemError NON_FINITE_LOSS, NON_FINITE_LOGITS, INVALID_CHECKPOINT, those of a reward; RunStopped.
 */
export async function optimizePolicy(
  run: TrainingRun<PolicyOptimizationSpec>,
  tools: TrainingTools,
  report: Reporter,
  input: PolicyInput,
  policy: OpenPolicy,
): Promise<OptimizedPolicy> {
  const { spec, context } = run;
  const { clock } = tools;
  const { guards, hyperparameters: h } = spec;
  const updates = updatesOfStep(spec);
  const valueRate = isPpo(spec) ? spec.algorithm.valueLearningRate : h.learningRate;
  const { parameters } = policy;
  const lengths = Int32Array.from(input.training, ({ ids }) => ids.length);
  const plan = planTraining(lengths, lengthsThatOccur(lengths), h);
  const { valueModel } = policy;
  const kept = valueModel === null ? parameters : withValueModel(parameters, valueModel.parameters);
  const checkpoints = createCheckpointing(run, tools, kept);
  const started = await checkpoints.start();
  let { state } = started;
  let seen = state.policy ?? noPolicyState;
  if (valueModel !== null && seen.ppo !== undefined) restoreUpdates(valueModel.parameters, seen.ppo.valueUpdates);
  let evaluatedStep = state.step === 0 ? -1 : state.step;
  const rule = h.earlyStopping ?? { metric: 'validation/reward', patience: Number.POSITIVE_INFINITY, minDelta: 0 };

  async function evaluate(epochsSeen: number): Promise<readonly MetricSample[]> {
    const { samples, heldOut, texts } = await measurePolicy(policy, spec, input.heldOut);
    await report.validation(state.step, epochsSeen, samples);
    await report.generated(state.step, epochsSeen, texts);
    const before = seen.guards.findings.length;
    seen = { ...seen, guards: observeHeldOut(seen.guards, { step: state.step, ...heldOut }, guards) };
    await tell(seen.guards.findings.slice(before));
    evaluatedStep = state.step;
    return samples;
  }

  async function tell(findings: readonly Finding[]): Promise<void> {
    for (const { code } of findings) await report.log('WARNING', `Finding ${code} at step ${state.step}`);
  }

  const isOver = () => isExhausted(state.validation, h.earlyStopping) || endsRun(seen.guards, guards) !== null;
  // What the base model can do is no result of the training, so that early stopping does not count it.
  if (state.step === 0) await evaluate(0);
  while (state.epoch < h.epochs && !isOver()) {
    for (const update of plan.updatesOf(state.epoch).slice(state.updatesInEpoch)) {
      const startedAt = clock();
      const { step } = update;
      const prompts = update.batches.flatMap(({ batch }) => Array.from(batch.examples, (row) => input.training[row]!));
      const groups = await writeGroups(policy, spec, step, prompts, input.training);
      const optionsOf = (of: typeof h, index: number) =>
        adamwOptions(of, (step - 1) * updates + index, plan.totalSteps * updates);
      const options = (index: number) => adamwRule(optionsOf(h, index));
      const beat = () => beatOrCancel(context);
      const ofValues = (index: number) => adamwRule(optionsOf({ ...h, learningRate: valueRate }, index));
      const made =
        valueModel !== null && isPpo(spec)
          ? await updatePpo(
              { ...policy, valueModel },
              spec,
              groups,
              {
                step,
                klWeight: seen.ppo?.klWeight ?? spec.algorithm.klWeight,
                options: (index) => ({ policy: options(index), values: ofValues(index) }),
              },
              beat,
            )
          : await updatePolicy(
              policy,
              spec,
              groups,
              { epoch: state.epoch, reads: readsReference(spec), options },
              beat,
            );
      const { learningRate } = optionsOf(h, updates - 1);
      const samples = [metricSample('train/learningRate', learningRate), ...made.samples];
      await report.update(update, (clock() - startedAt) / 1000, samples, made.tokens);
      refuseNonFinite({ loss: made.loss, 'gradient norm': made.gradientNorm }, step, h);
      state = { ...state, step, updatesInEpoch: update.index + 1 };
      const before = seen.guards.findings.length;
      seen = {
        groups: seen.groups + groups.groups,
        equalGroups: seen.equalGroups + groups.equalGroups,
        guards: observeUpdate(seen.guards, { step, gap: made.gap, kl: made.kl }, guards),
        ...(valueModel === null
          ? {}
          : { ppo: { klWeight: made.klWeight ?? 0, valueUpdates: valueModel.parameters.updates } }),
      };
      await tell(seen.guards.findings.slice(before));
      const isLast = update.index + 1 === plan.updatesPerEpoch;
      const evaluates = h.evaluateEverySteps !== null && step % h.evaluateEverySteps === 0 && !isLast;
      if (evaluates) {
        const validation = observeValidation(state.validation, await evaluate(update.epochsSeen), step, rule);
        state = { ...state, validation };
      }
      state = { ...state, policy: seen };
      state = await checkpoints.afterUpdate(state, update, plan, evaluates);
      if (isOver()) break;
    }
    if (state.updatesInEpoch < plan.updatesPerEpoch) break;

    if (state.step === plan.totalSteps) report.evaluating();
    const validation = observeValidation(state.validation, await evaluate(state.epoch + 1), state.step, rule);
    state = { ...state, epoch: state.epoch + 1, updatesInEpoch: 0, validation, policy: seen };
    state = await checkpoints.afterEpoch(state);
  }
  report.evaluating();
  if (evaluatedStep !== state.step) await evaluate(state.epoch + state.updatesInEpoch / plan.updatesPerEpoch);
  const ended = endsRun(seen.guards, guards);
  if (ended !== null) {
    await report.log('WARNING', `Stops after step ${state.step}: ${ended.code}`);
  } else if (state.step < plan.totalSteps) {
    await report.log('INFO', `Stops after step ${state.step}: ${h.earlyStopping?.metric} no longer improves`);
  }
  return { state, wentBack: started.wentBack, findings: [...seen.guards.findings, ...ofGroups(seen)] };
}

function ofGroups({ groups, equalGroups }: typeof noPolicyState): Finding[] {
  return equalGroups > mostEqualShare * groups ? [{ code: 'REWARDS_RARELY_DIFFER', groups, equalGroups }] : [];
}
