import { type ProblemCode, ProblemsError, problem } from '../problems/problem.js';
import { messageOf } from '../protocol/message-of.js';
import type { Query } from '../protocol/sql/query.js';
import { readSettings } from './loop.js';
import { loopsByIds, roundsOfLoops } from './loop.reads.js';
import { ask } from './steps/ask.js';
import { decide } from './steps/decide.js';
import { judge } from './steps/judge.js';
import { measureCandidate, measureCurrent } from './steps/measure.js';
import { prepare } from './steps/prepare.js';
import { failLoop, LoopMovedOn, type LoopState, type LoopTools } from './steps/step.js';
import { train } from './steps/train.js';

const hint = [
  '`retryFeedbackLoop` tries it again.',
  '`updateFeedbackLoop` changes `training`, `gate`, `people`, `policy`, `leastAnswers` or `rounds` before that.',
  'It changes `ask`, `measuring` and `preferences`, and a `gate` on other measures, for the next round, or for this one,',
  'which `retryFeedbackLoop` from MEASURING begins anew.',
].join(' ');

/** What may pass by itself: the step is tried again, more and more rarely. */
const passing: readonly ProblemCode[] = ['QUOTA_EXCEEDED', 'CONFLICT', 'DISK_FULL', 'TIMEOUT', 'WORKER_UNAVAILABLE'];
const mostTries = 8;
const firstWaitSeconds = 10;
const longestWaitSeconds = 900;

/**
 * Takes one step of a loop that runs: begins what is next, or goes on if that has ended. All that is known of a loop is
 * in its rows, so that any process may take any step.
 * @returns how many seconds it is not to be looked at; 0: the next step may be due
 */
export async function advanceLoop(tools: LoopTools, loopId: string, log: (message: string) => void): Promise<number> {
  const state = await readLoopState(tools.query, loopId);
  if (state?.loop.status !== 'RUNNING') return 0;
  try {
    await takeStep(tools, state);
    return 0;
  } catch (error) {
    if (error instanceof LoopMovedOn) return 0;
    return tryLater(tools, state, error, log);
  }
}

export async function readLoopState(query: Query, loopId: string): Promise<LoopState | null> {
  const [[loop], rounds] = await Promise.all([loopsByIds(query, [loopId]), roundsOfLoops(query, [loopId])]);
  const round = rounds.find(({ number }) => number === loop?.round);
  if (loop === undefined || round === undefined) return null;
  const [project] = await query<{ slug: string }>('SELECT slug FROM projects WHERE id = $1', [loop.projectId]);
  if (project === undefined) return null;
  return { loop, projectSlug: project.slug, settings: readSettings(loop.settings), rounds, round };
}

function takeStep(tools: LoopTools, state: LoopState): Promise<void> {
  const { step } = state.round;
  switch (step) {
    case 'MEASURING':
      return measureCurrent(tools, state);
    case 'ASKING':
      return ask(tools, state);
    case 'PREPARING':
      return prepare(tools, state);
    case 'TRAINING':
      return train(tools, state);
    case 'EVALUATING':
      return measureCandidate(tools, state);
    case 'JUDGING':
      return judge(tools, state);
    case 'DECIDING':
      return decide(tools, state);
    default:
      return step satisfies never;
  }
}

/** A step that was refused: what may pass is tried again, all else waits for somebody who mends it. */
async function tryLater(
  tools: LoopTools,
  state: LoopState,
  error: unknown,
  log: (message: string) => void,
): Promise<number> {
  const { loop, round } = state;
  const found = error instanceof ProblemsError ? error.problems : [];
  const [first = null] = found;
  if (first === null) log(`The step ${round.step} of the feedback loop ${loop.id} failed: ${messageOf(error)}`);
  const mayPass = first === null || found.some(({ code }) => passing.includes(code));
  if (mayPass && loop.failedTries < mostTries) {
    await tools.query('UPDATE feedback_loops SET failed_tries = failed_tries + 1 WHERE id = $1', [loop.id]);
    return Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** loop.failedTries);
  }
  const message = `The step failed ${mostTries + 1} times in a row; the log of the server says why.`;
  const why =
    first === null
      ? problem([], 'JOB_FAILED', message, hint)
      : { ...first, hint: [first.hint, hint].filter(Boolean).join(' ') };
  await failLoop(tools, state, why).catch((lost: unknown) => {
    if (!(lost instanceof LoopMovedOn)) throw lost;
  });
  return 0;
}
