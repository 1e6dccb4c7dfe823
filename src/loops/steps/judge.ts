import type { CreateFeedbackTaskInput } from '../../feedback/feedback-task.input.js';
import { feedbackTasksByIds } from '../../feedback/feedback-task.reads.js';
import { globalId } from '../../graphql/global-id.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import { asking, seedOf, variant } from './ask.js';
import { begin, failLoop, failureOf, goneMeanwhile, type LoopState, type LoopTools, moveTo } from './step.js';

const howToJudgeAgain = '`retryFeedbackLoop`, from JUDGING, asks anew; or end the loop.';

/**
 * People, or a reward model, compare what the round's model writes with what the former one writes, and with what the
 * first one writes, on prompts that no model learns from.
 */
export async function judge(tools: LoopTools, state: LoopState): Promise<void> {
  const { round } = state;
  if (round.modelId === null) {
    throw new ProblemsError([
      goneMeanwhile('The model of the round', '`retryFeedbackLoop`, from TRAINING, trains again.'),
    ]);
  }
  const candidate = round.modelId;
  const others = rivalsOf(state);
  for (const { column, taskId, modelId } of others) {
    if (taskId === null) {
      return begin(tools, state, column, () => tools.feedbackTasks.create(judgingOf(state, candidate, modelId)));
    }
  }
  const ids = others.flatMap(({ taskId }) => taskId ?? []);
  const tasks = await feedbackTasksByIds(tools.query, ids);
  const failed = tasks.find(({ status }) => status === 'FAILED');
  if (failed !== undefined) {
    return failLoop(tools, state, failureOf('The making of the comparison', failed.problem, howToJudgeAgain));
  }
  // A reward model judges the items of a task that is not opened for people.
  const byRewards = state.settings.judging?.rewardModelId != null;
  if (tasks.some(({ status }) => status !== 'CLOSED' && !(byRewards && status === 'PAUSED'))) return;
  const unanswered = byRewards ? undefined : tasks.find(({ answerCount }) => answerCount === 0);
  if (unanswered !== undefined) {
    const message = `The feedback task “${unanswered.name}” was closed before anybody answered.`;
    return failLoop(tools, state, problem([], 'NO_ROWS_LEFT', message, howToJudgeAgain));
  }
  return moveTo(tools, state, 'DECIDING');
}

/** The models that the round's model is compared with, and the tasks of that. */
export function rivalsOf({ loop, round }: Pick<LoopState, 'loop' | 'round'>) {
  const { currentModelId, startModelId } = loop;
  return [
    ...(currentModelId === null
      ? []
      : [{ column: 'judging_task_id' as const, taskId: round.judgingTaskId, modelId: currentModelId }]),
    ...(startModelId === null || startModelId === currentModelId
      ? []
      : [{ column: 'start_judging_task_id' as const, taskId: round.startJudgingTaskId, modelId: startModelId }]),
  ];
}

function judgingOf(state: LoopState, candidate: string, rival: string): CreateFeedbackTaskInput {
  const { loop, projectSlug, settings, round } = state;
  const { datasetVersionId, split, promptColumn, asConversation, most, writing, rewardModelId } = settings.judging!;
  const which = rival === loop.startModelId ? 'the first model' : 'the former model';
  const seed = seedOf(settings.seed, -round.number);
  // Each variant draws for itself: with the same draws, models that differ a little would write the same.
  const variants = [candidate, rival].map((id) => variant(writing, globalId('BaseModel', id), seed));
  return {
    // All prompts are judged, however few answers the questions of a round are to get.
    ...asking(
      { ...settings.people, answers: null },
      { projectSlug, name: `${loop.name}, round ${round.number} against ${which}` },
    ),
    paused: rewardModelId !== null,
    question: { pairwise: { strengths: 1 } },
    order: 'AS_GIVEN',
    seed,
    // The same prompts in each round, so that rounds can be compared.
    source: {
      generations: {
        datasetVersionId,
        split,
        promptColumn,
        asConversation,
        most,
        seed: seedOf(settings.seed, 0),
        variants,
        pairsPerPrompt: 1,
      },
    },
  };
}
