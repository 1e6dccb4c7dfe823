import { experimentsByIds } from '../../experiments/experiment.reads.js';
import { globalId } from '../../graphql/global-id.js';
import { baseModelsByRunIds } from '../../models/base-model.reads.js';
import { ProblemsError } from '../../problems/problem.js';
import { isTerminal } from '../../protocol/run-status.js';
import { learntSplit } from './prepare.js';
import { begin, failLoop, failureOf, goneMeanwhile, type LoopState, type LoopTools, moveTo } from './step.js';

const howToTrainAgain =
  '`updateFeedbackLoop` changes how is learnt, `retryFeedbackLoop` trains again; or end the loop.';

/** A model learns from the round's version: anew from the base, or on from the loop's model. */
export async function train(tools: LoopTools, state: LoopState): Promise<void> {
  const { loop, projectSlug, settings, round } = state;
  const { experimentId, datasetVersionId } = round;
  if (experimentId === null) {
    const { method, hyperparameters, from } = settings.training;
    const model = from === 'CURRENT' ? (loop.currentModelId ?? loop.baseModelId) : loop.baseModelId;
    if (datasetVersionId === null || model === null) {
      const [what, hint] =
        model === null
          ? ['The model that is trained from', 'End the loop, and create another one.']
          : ['The version of the round', '`retryFeedbackLoop`, from PREPARING, makes it again.'];
      throw new ProblemsError([goneMeanwhile(what, hint)]);
    }
    return begin(tools, state, 'experiment_id', () =>
      tools.experiments.create({
        projectSlug,
        name: `${loop.name.slice(0, 180)}, round ${round.number}`,
        baseModelId: globalId('BaseModel', model),
        datasetVersionId: globalId('DatasetVersion', datasetVersionId),
        method,
        trainSplit: settings.ask.kind === 'nobody' ? settings.ask.split : learntSplit,
        hyperparameters,
        tags: null,
        notes: null,
        priority: null,
        idempotencyKey: null,
      }),
    );
  }
  const [experiment] = await experimentsByIds(tools.query, [experimentId]);
  if (experiment === undefined || !isTerminal(experiment.status)) return;
  if (experiment.status !== 'SUCCEEDED') {
    return failLoop(tools, state, failureOf('The training', experiment.problem, howToTrainAgain));
  }
  const [model] = await baseModelsByRunIds(tools.query, [experiment.runId]);
  if (model === undefined) return failLoop(tools, state, goneMeanwhile('The model of the round', howToTrainAgain));
  return moveTo(tools, state, 'EVALUATING', { round: { model_id: model.id } });
}
