import type { EvaluateInput } from '../../evaluations/evaluation.input.js';
import { evaluationsByIds } from '../../evaluations/evaluation.reads.js';
import { globalId, rowId } from '../../graphql/global-id.js';
import { baseModelsByIds } from '../../models/base-model.reads.js';
import { ProblemsError } from '../../problems/problem.js';
import { predictedTokensOf } from '../../protocol/predicts-tokens.js';
import type { Query } from '../../protocol/sql/query.js';
import { usualLengths } from '../../protocol/usual-tokens.js';
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

/** What models are measured by: the settings that ask for it, and where its evaluations are noted. */
const measures = [
  {
    kind: 'measuring',
    ofRound: ['evaluation_id', 'evaluationId'],
    ofCurrent: ['current_evaluation_id', 'currentEvaluationId'],
    ofStart: ['start_evaluation_id', 'startEvaluationId'],
  },
  {
    kind: 'preferences',
    ofRound: ['preference_evaluation_id', 'preferenceEvaluationId'],
    ofCurrent: ['current_preference_evaluation_id', 'currentPreferenceEvaluationId'],
    ofStart: ['start_preference_evaluation_id', 'startPreferenceEvaluationId'],
  },
] as const;
type Measure = (typeof measures)[number];

function measuresOf({ settings }: LoopState): readonly Measure[] {
  return measures.filter(({ kind }) => settings[kind] !== null);
}

/**
 * What the loop's model scores, and the first one, before people are asked: what can not be measured shows before they
 * spend time. What was measured before is not measured again.
 */
export async function measureCurrent(tools: LoopTools, state: LoopState): Promise<void> {
  const { loop } = state;
  const { currentModelId, startModelId } = loop;
  if (currentModelId === null) return toLearn(tools, state);
  const ids: string[] = [];
  for (const { kind, ofCurrent, ofStart } of measuresOf(state)) {
    // Where the loop's model is the first one still, one evaluation is noted as both.
    const isBoth = currentModelId === startModelId;
    const scored = [
      { modelId: currentModelId, of: ofCurrent },
      ...(startModelId === null ? [] : [{ modelId: startModelId, of: ofStart }]),
    ];
    for (const { modelId, of } of scored) {
      const id = loop[of[1]];
      if (id !== null) {
        ids.push(id);
        continue;
      }
      const input = await evaluationOf(tools.query, state, kind, modelId);
      return note(
        tools,
        state,
        () => tools.evaluations.evaluate(input),
        (write, made) => {
          const noted = isBoth ? [ofCurrent[0], ofStart[0]] : [of[0]];
          return set(write, 'feedback_loops', loop.id, Object.fromEntries(noted.map((column) => [column, made])));
        },
      );
    }
  }
  if (await areMeasured(tools, state, ids)) await toLearn(tools, state);
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
  const ids: string[] = [];
  for (const { kind, ofRound } of measuresOf(state)) {
    const id = round[ofRound[1]];
    if (id !== null) {
      ids.push(id);
      continue;
    }
    if (round.modelId === null) {
      throw new ProblemsError([
        goneMeanwhile('The model of the round', '`retryFeedbackLoop`, from TRAINING, trains again.'),
      ]);
    }
    const input = await evaluationOf(tools.query, state, kind, round.modelId);
    return begin(tools, state, ofRound[0], () => tools.evaluations.evaluate(input));
  }
  if (!(await areMeasured(tools, state, ids))) return;
  await moveTo(tools, state, settings.judging !== null && loop.currentModelId !== null ? 'JUDGING' : 'DECIDING');
}

/** Whether all evaluations have succeeded. The first one that has not fails the loop, if it has ended. */
async function areMeasured(tools: LoopTools, state: LoopState, ids: readonly string[]): Promise<boolean> {
  const found = await evaluationsByIds(tools.query, ids);
  const failed = found.find(({ status }) => status !== 'QUEUED' && status !== 'RUNNING' && status !== 'SUCCEEDED');
  if (failed !== undefined) {
    await failLoop(tools, state, failureOf('The evaluation', failed.problem, howToMeasureAgain));
    return false;
  }
  return new Set(ids).size === found.filter(({ status }) => status === 'SUCCEEDED').length;
}

async function evaluationOf(
  query: Query,
  state: LoopState,
  kind: Measure['kind'],
  modelId: string,
): Promise<EvaluateInput> {
  const { startModelId } = state.loop;
  const models = await baseModelsByIds(query, [modelId, ...(startModelId === null ? [] : [startModelId])]);
  const model = models.find(({ id }) => id === modelId);
  const asked = {
    modelId: globalId('BaseModel', modelId),
    textColumn: null,
    textPairColumn: null,
    idempotencyKey: null,
  };
  if (kind === 'measuring') {
    const isLanguageModel = model !== undefined && predictedTokensOf(model.manifest) !== null;
    return {
      ...asked,
      ...state.settings.measuring!,
      // The loop compares its models itself, which may have been trained on other lengths: all read the same.
      tokens: isLanguageModel
        ? { withoutBaseline: true, maxLength: Math.min(mostTokens, model.manifest.contextLength), seed: 0 }
        : null,
    };
  }
  const start = models.find(({ id }) => id === startModelId);
  const isReference =
    start !== undefined && start.id !== modelId && start.manifest.tokenizer.digest === model?.manifest.tokenizer.digest;
  return {
    ...asked,
    ...state.settings.preferences!,
    // As above: neither the length nor the time that a template tells is that of a model's own training.
    preferenceReading: {
      referenceId: isReference ? globalId('BaseModel', start.id) : null,
      withoutReference: !isReference,
      maxLength: Math.min(usualLengths.conversation, ...models.map(({ manifest }) => manifest.contextLength)),
      templateTime: state.loop.createdAt,
    },
  };
}
