import { setImmediate } from 'node:timers/promises';
import { namesHint } from '../problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { rewardLimits as limits } from '../protocol/rewards/reward-limits.js';
import { columnsOfRewards, type Reward, type RewardSource } from '../protocol/rewards/reward-spec.js';
import { openRule } from '../reward-rules/open-rule.js';
import { checkRule } from './check-rule.js';
import { planLabel } from './plan-label.js';
import { planRewardModel } from './plan-reward-model.js';
import { planService } from './plan-service.js';
import type { RewardInput } from './reward.input.js';
import type { RewardAccess, RewardUse } from './reward-access.js';
import { ruleOf } from './rule-of.js';

/** A list of rewards as a job has it, its models looked up. Throws ProblemsError with all that is wrong with it. */
export async function planRewards(
  access: RewardAccess,
  input: readonly RewardInput[],
  { project, columns, path }: RewardUse,
): Promise<Reward[]> {
  if (input.length === 0) throw new ProblemsError([problem(path, 'REQUIRED', 'There are no rewards.')]);
  if (input.length > limits.maxRewards) {
    const message = `There are ${input.length} rewards, and ${limits.maxRewards} are allowed.`;
    throw new ProblemsError([problem(path, 'TOO_LONG', message)]);
  }
  const problems: InputProblem[] = [];
  const rewards: Reward[] = [];
  for (const [i, { name, weight, by }] of input.entries()) {
    const at = [...path, String(i)];
    problems.push(...checkName(name, input.slice(0, i), at), ...checkWeight(weight, at));
    try {
      rewards.push({ name, weight, source: await planSource(access, by, project, [...at, 'by']) });
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      problems.push(...error.problems);
    }
  }
  for (const [i, reward] of rewards.entries()) {
    if (problems.length === 0) problems.push(...checkColumns(reward, columns, [...path, String(i), 'by']));
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  return rewards;
}

async function planSource(
  access: RewardAccess,
  by: RewardInput['by'],
  project: RewardUse['project'],
  path: readonly string[],
): Promise<RewardSource> {
  if (by.label != null) return planLabel(access.query, by.label, project, [...path, 'label']);
  if (by.rewardModel != null) return planRewardModel(access.query, by.rewardModel, project, [...path, 'rewardModel']);
  if (by.service != null) return planService(access, by.service, project, [...path, 'service']);
  const rule = ruleOf(by);
  const at = [...path, rule.kind];
  const problems = checkRule(rule, at);
  // To compile a schema takes a while: others have their turn before the next.
  if (rule.kind === 'jsonSchema') await setImmediate();
  if (problems.length === 0) {
    const opened = openRule(rule);
    if (typeof opened !== 'function') problems.push({ ...opened, path: [...at, ...opened.path] });
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  return { kind: 'rule', rule };
}

function checkName(name: string, before: readonly RewardInput[], path: readonly string[]): InputProblem[] {
  const at = [...path, 'name'];
  if (name === '') return [problem(at, 'REQUIRED', 'The reward needs a name.')];
  if (name.length > limits.maxNameCharacters) {
    return [problem(at, 'TOO_LONG', `A name has at most ${limits.maxNameCharacters} characters.`)];
  }
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    return [problem(at, 'INVALID_VALUE', 'A name of a reward has letters from A to Z, digits, “-” and “_” alone.')];
  }
  if (!before.some((each) => each.name === name)) return [];
  return [problem(at, 'INVALID_VALUE', `Two rewards have the name “${name}”.`, 'Give each a name of its own.')];
}

function checkWeight(weight: number, path: readonly string[]): InputProblem[] {
  const at = [...path, 'weight'];
  if (weight === 0) {
    const hint = 'Leave the reward out, or give it a small weight.';
    return [problem(at, 'INVALID_VALUE', 'A reward with the weight 0 counts for nothing.', hint)];
  }
  if (Math.abs(weight) <= limits.maxWeight) return [];
  return [problem(at, 'INVALID_VALUE', `A weight lies between −${limits.maxWeight} and ${limits.maxWeight}.`)];
}

function checkColumns(reward: Reward, columns: readonly string[] | null, path: readonly string[]): InputProblem[] {
  const { source } = reward;
  return columnsOfRewards([reward]).flatMap((name) => {
    const at = source.kind === 'rule' ? [...path, source.rule.kind] : path;
    const field = source.kind === 'rule' && source.rule.kind === 'forbiddenWords' ? 'columns' : 'column';
    if (columns === null) {
      const message = `The reward reads the column “${name}”, and these prompts are not from a dataset.`;
      return [problem([...at, field], 'UNKNOWN_COLUMN', message, 'Take a reward that reads the answer alone.')];
    }
    if (columns.includes(name)) return [];
    const message = `The dataset version has no column “${name}”.`;
    return [problem([...at, field], 'UNKNOWN_COLUMN', message, namesHint(name, columns))];
  });
}
