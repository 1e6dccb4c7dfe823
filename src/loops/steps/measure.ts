import type { EvaluateInput } from '../../evaluations/evaluation.input.js';
import { evaluationsByIds } from '../../evaluations/evaluation.reads.js';
import { globalId } from '../../graphql/global-id.js';
import { baseModelsByIds } from '../../models/base-model.reads.js';
import { ProblemsError } from '../../problems/problem.js';
import { predictedTokensOf } from '../../protocol/predicts-tokens.js';
import type { Query } from '../../protocol/sql/query.js';
import {
  begin,
  failLoop,
  failureOf,
  goneMeanwhile,
  type LoopState,
  type LoopTools,
  moveTo,
  note,
  set,
} from './step.js';

const howToMeasureAgain = '`retryFeedbackLoop` measures again; or end the loop.';

/** What the loop's model scores, before people are asked: what can not be measured shows before they spend time. */
export async function measureCurrent(tools: LoopTools, state: LoopState): Promise<void> {
  const { loop, settings } = state;
  const { currentModelId, currentEvaluationId, startModelId } = loop;
  if (settings.measuring === null || currentModelId === null) return moveTo(tools, state, 'ASKING');
  if (currentEvaluationId === null) {
    const input = await evaluationOf(tools.query, state, currentModelId);
    return note(
      tools,
      state,
      () => tools.evaluations.evaluate(input),
      async (write, id) => {
        const isStart = currentModelId === startModelId;
        await set(write, 'feedback_loops', loop.id, {
          current_evaluation_id: id,
          ...(isStart && { start_evaluation_id: id }),
        });
      },
    );
  }
  if (await isMeasured(tools, state, currentEvaluationId)) await moveTo(tools, state, 'ASKING');
}

/** What the round's model scores. */
export async function measureCandidate(tools: LoopTools, state: LoopState): Promise<void> {
  const { loop, settings, round } = state;
  const { modelId, evaluationId } = round;
  const next = settings.judging !== null && loop.currentModelId !== null ? 'JUDGING' : 'DECIDING';
  if (settings.measuring === null) return moveTo(tools, state, next);
  if (evaluationId === null) {
    if (modelId === null) {
      throw new ProblemsError([
        goneMeanwhile('The model of the round', '`retryFeedbackLoop`, from TRAINING, trains again.'),
      ]);
    }
    const input = await evaluationOf(tools.query, state, modelId);
    return begin(tools, state, 'evaluation_id', () => tools.evaluations.evaluate(input));
  }
  if (await isMeasured(tools, state, evaluationId)) await moveTo(tools, state, next);
}

async function isMeasured(tools: LoopTools, state: LoopState, id: string): Promise<boolean> {
  const [evaluation] = await evaluationsByIds(tools.query, [id]);
  if (evaluation === undefined || evaluation.status === 'QUEUED' || evaluation.status === 'RUNNING') return false;
  if (evaluation.status === 'SUCCEEDED') return true;
  await failLoop(tools, state, failureOf('The evaluation', evaluation.problem, howToMeasureAgain));
  return false;
}

async function evaluationOf(query: Query, { settings }: LoopState, modelId: string): Promise<EvaluateInput> {
  const [model] = await baseModelsByIds(query, [modelId]);
  const { datasetVersionId, split, textColumn } = settings.measuring!;
  const isLanguageModel = model !== undefined && predictedTokensOf(model.manifest) !== null;
  return {
    modelId: globalId('BaseModel', modelId),
    datasetVersionId,
    split,
    textColumn,
    textPairColumn: null,
    // The loop compares its models itself.
    tokens: isLanguageModel ? { withoutBaseline: true } : null,
    idempotencyKey: null,
  };
}
