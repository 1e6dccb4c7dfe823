import { z } from 'zod';

const Answer = z.object({ rewards: z.array(z.number().nullable()) });

/** The numbers in a service's answer, NaN where it says null; or what is wrong with it, in words. */
export function readRewards(text: string, count: number): readonly number[] | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'it is no JSON';
  }
  const answer = Answer.safeParse(json);
  if (!answer.success) return 'it has no list `rewards` of numbers';
  const { rewards } = answer.data;
  if (rewards.length !== count) return `it has ${rewards.length} rewards for ${count} completions`;
  if (rewards.some((reward) => reward !== null && !Number.isFinite(reward))) return 'one of its rewards is not finite';
  return rewards.map((reward) => reward ?? Number.NaN);
}
