import { randomUUID } from 'node:crypto';
import { inTransaction } from '../../database/transaction.js';
import { type EvaluationRow, evaluationsByIds } from '../../evaluations/evaluation.reads.js';
import { type ScoreMeasure, scoreOf } from '../../evaluations/score-measure.js';
import { scoresOf } from '../../evaluations/scores.js';
import { sourcesOfTasks } from '../../feedback/sources/item-source.reads.js';
import { globalId, rowId } from '../../graphql/global-id.js';
import { ProblemsError } from '../../problems/problem.js';
import type { Query } from '../../protocol/sql/query.js';
import { compareCounts } from '../compare-counts.js';
import { closeTask } from '../end-work.js';
import { judgeByRewards, type LoopCounts } from '../judge-by-rewards.js';
import { judgeGate } from '../judge-gate.js';
import type { LoopComparison, LoopVerdict } from '../loop.js';
import { appendLoopEvents, changeLoopStatus } from '../loop-log.js';
import { takeNextSettings } from '../take-next-settings.js';
import { rivalsOf } from './judge.js';
import { goneMeanwhile, type LoopState, type LoopTools, lockUnmoved, note, set } from './step.js';

/** Whether the round's model becomes the loop's, and what comes next. */
export async function decide(tools: LoopTools, state: LoopState): Promise<void> {
  const { settings, round } = state;
  const { modelId } = round;
  if (modelId === null) {
    throw new ProblemsError([
      goneMeanwhile('The model of the round', '`retryFeedbackLoop`, from TRAINING, trains again.'),
    ]);
  }
  const verdict = await verdictOf(tools, state);
  if (verdict.passed && settings.alias !== null) {
    const alias = { name: settings.alias, modelId: globalId('BaseModel', modelId), expectedModelId: null };
    return note(
      tools,
      state,
      () => tools.aliases.set(alias),
      (write) => endRound(write, state, verdict),
    );
  }
  await inTransaction(tools.dataSource, async ({ query }) => {
    await lockUnmoved(query, state);
    await endRound(query, state, verdict);
  });
}

async function endRound(query: Query, { loop, round }: LoopState, verdict: LoopVerdict): Promise<void> {
  const outcome = verdict.passed ? 'PROMOTED' : 'KEPT';
  await query(`UPDATE feedback_loop_rounds SET outcome = $2, verdict = $3, ended_at = now() WHERE id = $1`, [
    round.id,
    outcome,
    JSON.stringify(verdict),
  ]);
  // Those that a reward model judged are open still.
  for (const id of [round.judgingTaskId, round.startJudgingTaskId]) if (id !== null) await closeTask(query, id);
  if (verdict.passed) {
    await set(query, 'feedback_loops', loop.id, {
      current_model_id: round.modelId,
      current_evaluation_id: round.evaluationId,
      current_preference_evaluation_id: round.preferenceEvaluationId,
    });
  }
  await appendLoopEvents(query, loop.id, [{ kind: 'roundEnded', round: round.number, outcome, verdict }]);
  if (round.number >= loop.rounds) await changeLoopStatus(query, loop, 'ENDED', { endReason: 'ROUNDS_DONE' });
  else await beginRound(query, loop.id, round.number + 1);
}

/** Writes a round in its first step, with the settings that were changed for it. The caller holds the loop's lock. */
export async function beginRound(query: Query, loopId: string, number: number): Promise<void> {
  await takeNextSettings(query, loopId);
  await query(`INSERT INTO feedback_loop_rounds (id, loop_id, number, step) VALUES ($1, $2, $3, 'MEASURING')`, [
    randomUUID(),
    loopId,
    number,
  ]);
  await set(query, 'feedback_loops', loopId, { round: number, failed_tries: 0 });
  await appendLoopEvents(query, loopId, [{ kind: 'stepBegan', round: number, step: 'MEASURING', attempt: 1 }]);
}

async function verdictOf(tools: LoopTools, state: LoopState): Promise<LoopVerdict> {
  const { loop, settings, round } = state;
  const ofTexts = [round.evaluationId, loop.currentEvaluationId, loop.startEvaluationId];
  const ofPairs = [round.preferenceEvaluationId, loop.currentPreferenceEvaluationId, loop.startPreferenceEvaluationId];
  const rows = await evaluationsByIds(
    tools.query,
    [...ofTexts, ...ofPairs].flatMap((id) => id ?? []),
  );
  const found = (ids: readonly (string | null)[]) => {
    const [candidate = null, current = null, start = null] = ids.map((id) => rows.find((row) => row.id === id) ?? null);
    return { candidate, current, start };
  };
  const [texts, pairs] = [found(ofTexts), found(ofPairs)];
  const [againstCurrent, againstStart] = await compared(tools, state, texts);
  const perplexity = scoresBy(texts, 'perplexity');
  const { measure } = settings.gate;
  return judgeGate(settings.gate, {
    hasFormer: loop.currentModelId !== null,
    isJudged: settings.judging !== null,
    // Texts and pairs have one measure in common, the loss, which is that of texts.
    scores: scoresBy(measured(texts.candidate, measure) === null ? pairs : texts, measure),
    perplexity,
    preferenceAccuracy: scoresBy(pairs, 'accuracy'),
    againstCurrent,
    againstStart,
  });
}

type Evaluated = Readonly<Record<'candidate' | 'current' | 'start', EvaluationRow | null>>;

function scoresBy({ candidate, current, start }: Evaluated, measure: string) {
  return {
    candidate: measured(candidate, measure),
    current: measured(current, measure),
    start: measured(start, measure),
  };
}

/** The first score of an evaluation that has the measure. */
function measured(evaluation: EvaluationRow | null, measure: string): number | null {
  const values = scoresOf(evaluation?.scores ?? null).map((scores) => scoreOf(scores, measure as ScoreMeasure));
  return values.find((value) => value !== null) ?? null;
}

/**
 * What people or a reward model said of pairs of answers, equal ones being ties, or, where nobody was asked, how many
 * rows only one of two models has right.
 */
async function compared(
  tools: LoopTools,
  state: LoopState,
  of: Evaluated,
): Promise<[LoopComparison | null, LoopComparison | null]> {
  const { loop, settings, round } = state;
  if (settings.judging === null) {
    return [await rightRows(tools, of.candidate, of.current), await rightRows(tools, of.candidate, of.start)];
  }
  const { rewardModelId } = settings.judging;
  const byModel = new Map<string, LoopComparison | null>();
  const rivals = rivalsOf(state);
  const sources = await sourcesOfTasks(
    tools.query,
    rivals.flatMap(({ taskId }) => taskId ?? []),
  );
  const equal = new Map(sources.map(({ taskId, equalCount }) => [taskId, equalCount ?? 0]));
  for (const { taskId, modelId } of rivals) {
    if (taskId === null) continue;
    const candidate = round.modelId!;
    const count = async (): Promise<LoopCounts> => {
      if (rewardModelId === null) {
        const { rate, promptCount, ...counts } = await tools.feedbackResults.winRate(
          taskId,
          'MODELS',
          candidate,
          modelId,
        );
        return { ...counts, won: (rate ?? 0) * promptCount };
      }
      return judgeByRewards(tools, {
        rewardModelId: rowId('BaseModel', rewardModelId, ['judging', 'rewardModelId']),
        taskId,
        candidate,
        rival: modelId,
      });
    };
    byModel.set(modelId, compareCounts({ ...(await count()), equal: equal.get(taskId) ?? 0 }));
  }
  const against = (id: string | null) => (id === null ? null : (byModel.get(id) ?? null));
  return [against(loop.currentModelId), against(loop.startModelId)];
}

/** Row by row on the same split; null where an evaluation has no file of its examples, or they are not of one head. */
async function rightRows(
  { examples }: Pick<LoopTools, 'examples'>,
  candidate: EvaluationRow | null,
  other: EvaluationRow | null,
): Promise<LoopComparison | null> {
  if (candidate?.examplesDigest == null || other?.examplesDigest == null) return null;
  if (candidate.datasetVersionId !== other.datasetVersionId || candidate.split !== other.split) return null;
  const [counts] = await examples.queryFiles<{ wins: number; losses: number; ties: number }>(
    `WITH one AS (SELECT row, bool_and(isRight) AS isRight FROM read_parquet($one) WHERE isRight IS NOT NULL GROUP BY row),
          other AS (SELECT row, bool_and(isRight) AS isRight FROM read_parquet($other) WHERE isRight IS NOT NULL GROUP BY row)
     SELECT count(*) FILTER (one.isRight AND NOT other.isRight)::DOUBLE AS wins,
            count(*) FILTER (other.isRight AND NOT one.isRight)::DOUBLE AS losses,
            count(*) FILTER (one.isRight = other.isRight)::DOUBLE AS ties
       FROM one JOIN other USING (row)`,
    { one: candidate.examplesDigest, other: other.examplesDigest },
    {},
  );
  return counts === undefined ? null : compareCounts(counts);
}
