import type { ParameterStore } from '../../engine/types.js';
import type { CheckpointedParameters } from '../training-checkpoint.js';

const prefix = 'valueModel.';

/**
 * The parameters of a policy and of its value model as one checkpoint keeps them. The policy's have their own names, so
 * that the model of an earlier checkpoint is read without the values. The number of updates is the policy's: that of
 * the value model is to be put back by `restoreUpdates`.
 */
export function withValueModel(policy: ParameterStore, values: ParameterStore): CheckpointedParameters {
  const named = new Set(values.specs.map(({ name }) => prefix + name));
  return {
    specs: [...policy.specs, ...values.specs.map((spec) => ({ ...spec, name: prefix + spec.name }))],
    value: (name) => (named.has(name) ? values.value(name.slice(prefix.length)) : policy.value(name)),
    optimizerState() {
      const { updates, moments } = policy.optimizerState();
      const ofValues = [...values.optimizerState().moments].map(([name, each]) => [prefix + name, each] as const);
      return { updates, moments: new Map([...moments, ...ofValues]) };
    },
    loadOptimizerState({ updates, moments }) {
      const all = [...moments];
      policy.loadOptimizerState({ updates, moments: new Map(all.filter(([name]) => !named.has(name))) });
      const ofValues = all.filter(([name]) => named.has(name));
      values.loadOptimizerState({
        updates,
        moments: new Map(ofValues.map(([name, each]) => [name.slice(prefix.length), each])),
      });
    },
  };
}

/** Tells a store that came from a checkpoint how many updates it had. */
export function restoreUpdates(values: ParameterStore, updates: number): void {
  values.loadOptimizerState({ updates, moments: values.optimizerState().moments });
}
