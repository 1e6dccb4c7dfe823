import type { NetworkRules } from '../outbound/network-rules.js';
import { checkOutboundUrl, normalizedUrl } from '../outbound/outbound-url.js';
import { checkOfKey } from '../outbound/reward-secret.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { rewardLimits as limits } from '../protocol/rewards/reward-limits.js';
import type { RewardSource } from '../protocol/rewards/reward-spec.js';
import type { ServiceRewardInput } from './reward.input.js';
import type { RewardAccess, RewardUse } from './reward-access.js';

/** A reward service as a job has it. Throws ProblemsError. */
export function planService(
  { rules, rewardKey }: Pick<RewardAccess, 'rules' | 'rewardKey'>,
  input: ServiceRewardInput,
  project: RewardUse['project'],
  path: readonly string[],
): RewardSource {
  const { secretNumber, timeoutMs, retries, batchSize } = input;
  const inRange = (field: string, value: number, least: number, most: number): InputProblem[] =>
    value >= least && value <= most
      ? []
      : [problem([...path, field], 'INVALID_VALUE', `The value must be from ${least} to ${most}; it is ${value}.`)];
  const problems = [
    ...checkServiceUrl(input.url, rules, [...path, 'url']),
    ...inRange('secretNumber', secretNumber, 1, 2 ** 31 - 1),
    ...inRange('timeoutMs', timeoutMs, limits.minTimeoutMs, limits.maxTimeoutMs),
    ...inRange('retries', retries, 0, limits.maxRetries),
    ...inRange('batchSize', batchSize, 1, limits.maxBatchSize),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  const url = normalizedUrl(input.url);
  const keyCheck = checkOfKey(rewardKey);
  return { kind: 'service', url, projectId: project.id, secretNumber, keyCheck, timeoutMs, retries, batchSize };
}

/** The problems that the text of a service's URL shows. */
export function checkServiceUrl(text: string, rules: NetworkRules, path: readonly string[]): readonly InputProblem[] {
  return checkOutboundUrl(text, rules, path, {
    isCalled: 'Reward services are called',
    isNotCalled: 'reward services are not called in',
    signed: 'Requests are signed: check the signature, by what rewardServiceSecret returns.',
    ofUrl: "A reward service's URL",
  });
}
