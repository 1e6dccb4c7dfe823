import type { PolicyOptimizationSpec } from '../../../protocol/methods/index.js';
import { preferenceColumns } from '../../../protocol/preference-form.js';
import type { Reward } from '../../../protocol/rewards/reward-spec.js';
import { inputOfReward } from '../../../rewards/input-of-reward.js';
import { withoutQuery } from '../../../rewards/shown-url.js';
import { choice, list, number, reference, type Setting, type SettingValue, text } from '../../setting.js';
import type { ReferredRows } from '../referred.js';
import { AggregationEnum, KlEstimatorEnum, OnlineDpoLossEnum, RatioOfEnum, ScalingEnum } from './enums.js';

const algorithms = { GRPO: 'grpo', RLOO: 'rloo', ONLINE_DPO: 'onlineDpo', PPO: 'ppo' } as const;

/**
 * @param controlVersion the data of the judged answers; null without any
 * @param referenceModel null where it is the base model
 */
export function policyOptimizationSettings(
  spec: PolicyOptimizationSpec,
  { controlVersion, referenceModel }: ReferredRows,
): Setting[] {
  const { algorithm, guards, controlPreferences } = spec;
  const grpo = algorithm.kind === 'grpo' ? algorithm : null;
  const ppo = algorithm.kind === 'ppo' ? algorithm : null;
  const pairs = algorithm.kind === 'onlineDpo' ? algorithm : null;
  const clipped = algorithm.kind === 'onlineDpo' ? null : algorithm;
  const at = (name: string) => `method.algorithm.${name}`;
  return [
    text('method.promptColumn', 'Column of the prompts', spec.promptColumn),
    text('method.systemColumn', 'Column of what the model is told before', spec.systemColumn),
    choice('method.algorithm', 'Algorithm', algorithms, algorithm.kind),
    number(at('clipLow'), 'Clip below', clipped?.clip.low ?? null),
    number(at('clipHigh'), 'Clip above', clipped?.clip.high ?? null),
    number(at('klWeight'), 'Weight of the divergence', clipped?.klWeight ?? null),
    toggle(
      at('normalizesAdvantages'),
      'Advantages normalized',
      'normalizesAdvantages' in algorithm ? algorithm.normalizesAdvantages : null,
    ),
    number(at('mostRatio'), 'Greatest ratio', grpo?.mostRatio ?? ppo?.mostRatio ?? null),
    choice(at('ratioOf'), 'Ratio', RatioOfEnum, grpo?.ratioOf ?? null),
    choice(at('scaling'), 'Scaling of rewards', ScalingEnum, grpo?.scaling ?? null),
    toggle(at('separatesRewards'), 'Rewards standardized one by one', grpo?.separatesRewards ?? null),
    choice(at('aggregation'), 'Aggregation', AggregationEnum, grpo?.aggregation ?? null),
    number(at('replacementRounds'), 'Rounds of replacement', grpo?.replacementRounds ?? null),
    choice(at('loss'), 'Loss of a pair', OnlineDpoLossEnum, pairs?.loss ?? null),
    list(at('betas'), 'β', pairs?.betas.map(String) ?? null),
    number(at('valueClip'), 'Clip of values', ppo?.valueClip ?? null),
    number(at('discount'), 'Discount', ppo?.discount ?? null),
    number(at('lambda'), 'λ of advantages', ppo?.lambda ?? null),
    choice(at('klEstimator'), 'Estimate of the divergence', KlEstimatorEnum, ppo?.klEstimator ?? null),
    number(at('adaptiveKl.target'), 'Target of the divergence', ppo?.adaptiveKl?.target ?? null),
    number(at('adaptiveKl.horizon'), 'Horizon of its weight', ppo?.adaptiveKl?.horizon ?? null),
    toggle(at('whitensRewards'), 'Rewards whitened', ppo?.whitensRewards ?? null),
    number(at('miniBatches'), 'Mini-batches', ppo?.miniBatches ?? null),
    text(at('valueModel'), 'Model that values begin with', ppo?.valueModel?.modelId ?? null),
    number(at('valueLearningRate'), 'Learning rate of values', ppo?.valueLearningRate ?? null),
    number(at('valueWarmupSteps'), 'Steps of values alone', ppo?.valueWarmupSteps ?? null),
    number(
      at('missingEndPenalty'),
      'Penalty of a missing end',
      'missingEndPenalty' in algorithm ? algorithm.missingEndPenalty : null,
    ),
    list('method.rewards', 'Rewards', spec.rewards.map(inWords)),
    list('method.controlRewards', 'Control rewards', spec.controlRewards.map(inWords)),
    reference('method.controlPreferences.datasetVersion', 'Judged answers', 'DatasetVersion', controlVersion),
    text('method.controlPreferences.split', 'Split of the judged answers', controlPreferences?.split ?? null),
    list(
      'method.controlPreferences.columns',
      'Columns of the judged answers',
      controlPreferences === null ? null : preferenceColumns(controlPreferences.preference),
    ),
    number('method.controlPreferences.pairs', 'Pairs of judged answers', controlPreferences?.pairs ?? null),
    reference('method.referenceModel', 'Reference model', 'BaseModel', referenceModel),
    number('method.samples', 'Completions of a prompt', spec.samples),
    number('method.maxTokens', 'Tokens of a completion', spec.maxTokens),
    number('method.temperature', 'Temperature', spec.temperature),
    number('method.iterations', 'Updates from each batch', spec.iterations),
    toggle('method.masksTruncated', 'Cut completions masked', spec.masksTruncated),
    number('method.heldOutPrompts', 'Held-out prompts', spec.heldOutPrompts),
    number('method.guards.klBudget', 'Budget of the divergence', guards.klBudget),
    number('method.guards.lengthGrowth', 'Growth of lengths', guards.lengthGrowth),
    number('method.guards.repetition', 'Repetition', guards.repetition),
    toggle('method.guards.stops', 'Findings end the run', guards.stops),
  ];
}

/** A reward on a line: its name, its weight and what it is of. Whoever may read the project sees it. */
function inWords(reward: Reward): string {
  const { name, weight, by: source } = inputOfReward(reward);
  const { service } = source;
  const by = service == null ? source : { service: { ...service, url: withoutQuery(service.url) } };
  return `${name}: ${weight} · ${JSON.stringify(by)}`;
}

function toggle(path: string, label: string, on: boolean | null): Setting {
  const value: SettingValue | null = on === null ? null : { kind: 'switch', on };
  return { path, label, value };
}
