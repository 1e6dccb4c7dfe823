import type { RunSpec } from '../../protocol/methods/index.js';
import { modelsOfRewards } from '../../protocol/rewards/reward-spec.js';

/** Row ids of the models that score what a training writes, or that its values begin with, each once. */
export function scoringModels(spec: RunSpec): readonly string[] {
  if (spec.method !== 'policyOptimization') return [];
  const { algorithm, rewards, controlRewards } = spec;
  const ofValues = algorithm.kind === 'ppo' && algorithm.valueModel !== null ? [algorithm.valueModel.modelId] : [];
  return [...new Set([...modelsOfRewards([...rewards, ...controlRewards]).map(({ id }) => id), ...ofValues])];
}
