import type { EvaluateInput } from '../../evaluations/evaluation.input.js';
import { evaluationsByIds } from '../../evaluations/evaluation.reads.js';
import { globalId, rowId } from '../../graphql/global-id.js';
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

/** Tokens that control texts are divided into. */
const mostTokens = 256;

/** What the loop's model scores, before people are asked: what can not be measured shows before they spend time. */
export async function measureCurrent(tools: LoopTools, state: LoopState): Promise<void> {
  const { loop, settings } = state;
  const { currentModelId, currentEvaluationId, startModelId } = loop;
  if (settings.measuring === null || currentModelId === null) return toLearn(tools, state);
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
  if (await isMeasured(tools, state, currentEvaluationId)) await toLearn(tools, state);
}

/** On to what is learnt from: people's answers, or prompts that are there. */
function toLearn(tools: LoopTools, state: LoopState): Promise<void> {
  const { ask } = state.settings;
  if (ask.kind !== 'nobody') return moveTo(tools, state, 'ASKING');
  const version = rowId('DatasetVersion', ask.datasetVersionId, ['ask']);
  return moveTo(tools, state, 'TRAINING', { round: { dataset_version_id: version } });
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
    // The loop compares its models itself, which may have been trained on other lengths: all read the same.
    tokens: isLanguageModel
      ? { withoutBaseline: true, maxLength: Math.min(mostTokens, model.manifest.contextLength), seed: 0 }
      : null,
    idempotencyKey: null,
  };
}
