import { requireVersion } from '../datasets/require-version.js';
import { checkRules } from '../feedback/datasets/check-rules.js';
import { toFeedbackQuestion } from '../feedback/feedback-question.type.js';
import { type InputProblem, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import { type LoopSettings, loopLimits } from './loop.js';
import { isSameVersion } from './named-by-loop.js';
import { questionOf } from './steps/ask.js';
import { learntSplit, rulesOf } from './steps/prepare.js';

/** Whether the answers that people are asked for can be learnt: those of an item are enough, and fit the policy. */
export function checkAnswers(settings: LoopSettings, { hasStart }: { readonly hasStart: boolean }): InputProblem[] {
  const { ask, policy, leastAnswers, people } = settings;
  if (ask.kind === 'nobody') return [];
  const question = toFeedbackQuestion(questionOf(ask));
  const problems: InputProblem[] = checkRules(question, rulesOf(settings));
  if (policy.kind === 'crowdlab' && problems.length === 0 && !hasStart) {
    const message = 'CROWDLAB weighs what a classifier predicted, and the first round has none.';
    const hint = 'Give `startModelId`, or take `majority` or `posterior`.';
    problems.push(problem(['policy', 'crowdlab'], 'INVALID_VALUE', message, hint));
  }
  const most = Math.max(people.overlap?.atLeast ?? 1, people.overlap?.atMost ?? 1);
  if (leastAnswers > most) {
    const message = `An item gets ${most === 1 ? 'one answer' : `${most} answers`} at most: none would be learnt.`;
    const hint = 'Ask for more with `people: { overlap }`, or for fewer here.';
    problems.push(problem(['leastAnswers'], 'INVALID_VALUE', message, hint));
  }
  if (policy.kind === 'posterior' && problems.length === 0 && most === 1) {
    const message = 'An item gets one answer at most: nothing tells how people err.';
    const hint = 'Ask for more with `people: { overlap }`, or take `majority`.';
    problems.push(problem(['policy', 'posterior'], 'INVALID_VALUE', message, hint));
  }
  return problems;
}

/** Whether people get some of the pairs that a reward model judges, and how they answer counts. */
export function checkPairJudge(
  { judge, most }: Extract<LoopSettings['ask'], { readonly kind: 'pairs' }>,
  { policy }: Pick<LoopSettings, 'policy'>,
): InputProblem[] {
  const problems: InputProblem[] = [];
  if (judge === null) return problems;
  const { toPeople } = judge;
  if (toPeople < 0 || toPeople >= most) {
    const message = `People get from 0 to ${most - 1} of the ${most} pairs, and the reward model judges the others.`;
    const hint = 'Where people are to judge all pairs, leave out `judge`.';
    problems.push(problem(['ask', 'pairs', 'judge', 'toPeople'], 'INVALID_VALUE', message, hint));
  }
  if (toPeople === 0 && policy.kind !== 'majority') {
    const message = 'No person answers: the reward model alone says which answer is better.';
    problems.push(problem(['policy'], 'INVALID_VALUE', message, 'Leave `policy` out, or let people judge some pairs.'));
  }
  return problems;
}

/** Whether what is measured and judged stays apart from what rounds learn. */
export function checkApart({ ask, measuring, preferences, judging, startDataId }: LoopSettings): InputProblem[] {
  const overlaps = (one: Rows, other: Rows) =>
    isSameVersion(one.datasetVersionId, other.datasetVersionId) &&
    (one.split === null || other.split === null || one.split === other.split);
  const problems: InputProblem[] = [];
  const hint = 'Name a split of its own; `prepareDataset` makes some.';
  if (measuring !== null && ask.kind === 'uncertain' && overlaps(ask, measuring)) {
    const message = `People would be asked about rows of the split “${measuring.split}”, and models learn them.`;
    problems.push(problem(['ask', 'uncertain', 'split'], 'INVALID_VALUE', message, hint));
  }
  if (judging !== null && ask.kind !== 'uncertain' && overlaps(ask, judging)) {
    const message = 'Models are judged on prompts that rounds learn from.';
    problems.push(problem(['judging', 'split'], 'INVALID_VALUE', message, hint));
  }
  if (preferences !== null && ask.kind !== 'uncertain' && overlaps(ask, preferences)) {
    const message = 'The held-out pairs are about prompts that rounds learn from.';
    problems.push(problem(['preferences', 'split'], 'INVALID_VALUE', message, hint));
  }
  for (const [field, measured] of Object.entries({ measuring, preferences })) {
    if (measured === null || startDataId === null) continue;
    if (overlaps({ datasetVersionId: startDataId, split: learntSplit }, measured)) {
      const message = `The split “${learntSplit}” of \`startDataId\` is learnt from.`;
      problems.push(problem([field, 'split'], 'INVALID_VALUE', message, hint));
    }
  }
  return problems;
}

interface Rows {
  readonly datasetVersionId: string;
  /** Null: all rows. */
  readonly split: string | null;
}

/** Whether the pool has rows for all rounds: none is asked about twice. */
export async function checkPool(
  query: Query,
  projectId: string,
  { ask }: LoopSettings,
  rounds: number,
): Promise<InputProblem[]> {
  // Numbers that are no such ones are a problem of their own.
  if (ask.kind !== 'uncertain' || ask.most < 1 || rounds > loopLimits.maxRounds) return [];
  const path = ['ask', 'uncertain', 'datasetVersionId'];
  const { splits } = await requireVersion(query, ask.datasetVersionId, projectId, path);
  const counts = splits.filter(({ name }) => ask.split === null || name === ask.split);
  const rows = counts.reduce((sum, { exampleCount }) => sum + exampleCount, 0);
  if (counts.length === 0 || (rounds - 1) * ask.most < rows) return [];
  const full = Math.ceil(rows / ask.most);
  const message = `The pool has ${rows} rows, and no row is asked about twice: none is left after round ${full}.`;
  const most = rounds === 1 ? rows : Math.ceil(rows / (rounds - 1)) - 1;
  const fewer = most < 1 ? '' : `, or at most ${most} rows in each`;
  return [problem(['rounds'], 'INVALID_VALUE', message, `Take at most ${full} rounds${fewer}.`)];
}
