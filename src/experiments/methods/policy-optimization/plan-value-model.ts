import { globalId } from '../../../graphql/global-id.js';
import type { BaseModelRow } from '../../../models/base-model.reads.js';
import { ProblemsError, problem } from '../../../problems/problem.js';
import type { Reward } from '../../../protocol/rewards/reward-spec.js';
import { valueModelProblem } from '../../../protocol/value-model-fit.js';

/** The model that PPO's values begin with, as a spec names it. */
export interface PlannedValueModel {
  readonly modelId: string;
  readonly modelDigest: string;
}

/**
 * The model that PPO's values begin with: the one that is named, or else the reward model of the greatest weight among
 * the rewards, if it fits the base model; null: the base model. Throws ProblemsError where the named one does not fit.
 *
 * @param read reads a model of the project; throws ProblemsError at the path
 */
export async function planValueModel(
  read: (id: string, path: readonly string[]) => Promise<BaseModelRow>,
  base: Pick<BaseModelRow, 'manifest'>,
  { valueModelId, rewards }: { readonly valueModelId: string | null; readonly rewards: readonly Reward[] },
  path: readonly string[],
): Promise<PlannedValueModel | null> {
  if (valueModelId !== null) {
    const model = await read(valueModelId, path);
    const found = valueModelProblem(base.manifest, model.manifest);
    if (found !== null) throw new ProblemsError([problem([...path], 'INVALID_VALUE', found.message, found.hint)]);
    return { modelId: model.id, modelDigest: model.digest };
  }
  const candidates = rewards
    .flatMap(({ weight, source }) => (source.kind === 'rewardModel' && weight > 0 ? [{ weight, ...source }] : []))
    .sort((left, right) => right.weight - left.weight);
  const [best] = candidates;
  if (best === undefined) return null;
  const { manifest } = await read(globalId('BaseModel', best.modelId), path);
  const { modelId, modelDigest } = best;
  return valueModelProblem(base.manifest, manifest) === null ? { modelId, modelDigest } : null;
}
