import type { PolicyOptimizationSpec } from '../../../src/protocol/methods/policy-optimization.js';
import type { ParameterStore } from '../../engine/types.js';
import { fillParameters, initialValues } from '../../forward/initial-values.js';
import { languageReading } from '../../forward/language-reading.js';
import { plannedParameters } from '../../forward/model-plan.js';
import type { TokenScorer } from '../../forward/score-tokens.js';
import { type OpenRewards, openRewards } from '../../rewards/open-rewards.js';
import { openRollouts } from '../../rollouts/open-rollouts.js';
import { beatOrCancel } from '../../stop-wishes.js';
import { preferenceScorer } from '../preferences/reference-scores.js';
import type { TrainingRun, TrainingTools } from '../training-tools.js';
import type { PolicyStep } from './completion-step.js';
import type { ControlPairs } from './control-pairs.js';
import type { PolicyInput } from './load-prompts.js';
import { createPolicyStep, rowsOfBatch } from './policy-step.js';
import { openReference } from './reference.js';
import { isPpo, openValueModel, type ValueModel } from './value-model.js';
import type { GroupTools } from './write-groups.js';

/** A policy in memory, ready to be trained, with all that its updates and evaluations need. */
export interface OpenPolicy extends GroupTools, AsyncDisposable {
  readonly parameters: ParameterStore;
  /** See `Trainee`. */
  readonly valuesOf: (name: string) => Float32Array | null;
  readonly step: PolicyStep;
  readonly reference: TokenScorer;
  /** Of PPO alone. */
  readonly valueModel: ValueModel | null;
  /** Null where the spec names none. */
  readonly control: OpenRewards | null;
  /** Null where the spec names no judged answers. */
  readonly pairs: ControlPairs | null;
}

/** Without the key of the server, a reward service is refused. */
const noServices = { rewardKey: '', allowPrivate: '' };

/**
 * Makes the parameters, the generator of rollouts, the trainer's step, the reference and the rewards.
 *
 * @throws ProblemError of the reference and of the rewards
 */
export async function openPolicy(
  { spec, context }: TrainingRun<PolicyOptimizationSpec>,
  tools: TrainingTools,
  input: PolicyInput,
): Promise<OpenPolicy> {
  const { engine, store } = tools;
  const { plan, base, config, vocabulary, endIds } = input;
  const { algorithm, temperature, maxTokens, hyperparameters } = spec;
  const opened: (() => Promise<void> | void)[] = [];
  const release = async () => {
    for (const each of opened.splice(0).reverse()) await each();
  };
  const beat = () => beatOrCancel(context);
  try {
    const specs = plannedParameters(plan);
    const parameters = engine.createParameters(specs);
    opened.push(() => parameters.release());
    await fillParameters(parameters, base.weights, initialValues(plan, hyperparameters.seed, []));
    const trained = new Set(specs.filter(({ trainable }) => trainable).map(({ name }) => name));

    const batchSize = rowsOfBatch(input.training, maxTokens);
    const scoring = { batchSize, mostTargets: maxTokens, temperature };
    const reference = await openReference(tools, input, spec, scoring);
    opened.push(() => reference.release());
    const rewardTools = { engine, store, services: tools.services ?? noServices, beat };
    const rewards = await openRewards(spec.rewards, rewardTools);
    opened.push(() => rewards.release());
    const { controlRewards } = spec;
    const control =
      controlRewards.length === 0 ? null : await openRewards(controlRewards, rewardTools, 'controlRewards');
    if (control !== null) opened.push(() => control.release());
    const { contextLength } = base.manifest;
    const { reading } = plan;
    const rollouts = await openRollouts(engine, parameters, { config, reading, endIds, contextLength, temperature });
    opened.push(() => rollouts.release());
    const { preferences } = input;
    const ofPairs =
      preferences === null
        ? null
        : preferenceScorer(engine, parameters, languageReading(config, plan), [preferences.texts]);
    if (ofPairs !== null) opened.push(() => ofPairs.release());
    const step = createPolicyStep(engine, parameters, input, { algorithm, temperature, maxTokens, batchSize });
    opened.push(() => step.release());
    const valueModel = isPpo(spec) ? await openValueModel(tools, base, spec, batchSize) : null;
    if (valueModel !== null) opened.push(() => valueModel.release());
    return {
      parameters,
      valueModel,
      valuesOf: (name) => (trained.has(name) ? parameters.value(name) : null),
      step,
      reference,
      rewards,
      control,
      pairs: preferences === null || ofPairs === null ? null : { preferences, scorer: ofPairs },
      rollouts,
      vocabulary,
      onProgress: beat,
      [Symbol.asyncDispose]: release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}
