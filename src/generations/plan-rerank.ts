import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import type { Rerank } from '../protocol/rewards/rerank.js';
import { planRewards } from '../rewards/plan-rewards.js';
import type { RewardAccess } from '../rewards/reward-access.js';
import type { GenerationRequest } from './check-generation.js';

/** How a job puts answers in order, the models that score them looked up. Throws ProblemsError. */
export async function planRerank(
  access: RewardAccess,
  projectId: string,
  { rerank, samples, sampling }: Pick<GenerationRequest, 'rerank' | 'samples' | 'sampling'>,
): Promise<Rerank | null> {
  if (rerank == null) return null;
  const keep = rerank.keep ?? samples;
  const problems = [
    ...(keep >= 1 && keep <= samples
      ? []
      : [problem(['rerank', 'keep'], 'INVALID_VALUE', `The value must be from 1 to ${samples}; it is ${keep}.`)]),
    ...(samples > 1 && sampling?.temperature === 0 ? [allAlike] : []),
    ...rerank.rewards.flatMap(({ by }, i) => (by.service == null ? [] : [noService(i)])),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  const [project] = await access.query<{ slug: string }>('SELECT slug FROM projects WHERE id = $1', [projectId]);
  const use = { project: { id: projectId, slug: project?.slug ?? '' }, columns: null, path: ['rerank', 'rewards'] };
  return { rewards: await planRewards(access, rerank.rewards, use), keep };
}

const allAlike = problem(
  ['sampling', 'temperature'],
  'INVALID_VALUE',
  'At temperature 0, all answers to a prompt are the same: there is nothing to choose from.',
  'Take 1, or ask for one sample.',
);

/** The lane that generates serves all who wait, and one service that is slow would stop it. */
function noService(i: number): InputProblem {
  const message = 'Answers that somebody waits for are not scored by a service.';
  const hint = 'Score samples of a dataset version by scoreSamples, or take a reward model or a rule.';
  return problem(['rerank', 'rewards', String(i), 'by', 'service'], 'INVALID_VALUE', message, hint);
}
