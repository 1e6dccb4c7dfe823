import { globalId } from '../graphql/global-id.js';
import type { RewardRule } from '../protocol/rewards/reward-rule.js';
import type { Reward, RewardSource } from '../protocol/rewards/reward-spec.js';
import type { RewardInput, RewardSourceInput } from './reward.input.js';

/** The input that a reward comes from, with every value explicit. */
export function inputOfReward({ name, weight, source }: Reward): RewardInput {
  return { name, weight, by: inputOfSource(source) };
}

function inputOfSource(source: RewardSource): RewardSourceInput {
  switch (source.kind) {
    case 'rule':
      return inputOfRule(source.rule);
    case 'label': {
      const { modelId, task, label, withPrompt } = source;
      return { label: { modelId: globalId('BaseModel', modelId), task, label, withPrompt } };
    }
    case 'rewardModel':
      return { rewardModel: { modelId: globalId('BaseModel', source.modelId) } };
    case 'service': {
      const { url, secretNumber, timeoutMs, retries, batchSize } = source;
      return { service: { url, secretNumber, timeoutMs, retries, batchSize } };
    }
    default:
      return source satisfies never;
  }
}

/** Each rule's fields are those of its input. */
function inputOfRule({ kind, ...fields }: RewardRule): RewardSourceInput {
  return { [kind]: fields };
}
