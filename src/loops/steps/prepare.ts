import { randomUUID } from 'node:crypto';
import { preparationsByIds } from '../../datasets/preparation/preparation.reads.js';
import { rowId } from '../../graphql/global-id.js';
import { usualSplit } from '../../protocol/datasets/split-request.js';
import type { FeedbackDatasetRules } from '../../protocol/feedback/dataset-rules.js';
import type { LoopSettings } from '../loop.js';
import { begin, failLoop, failureOf, goneMeanwhile, type LoopState, type LoopTools, moveTo } from './step.js';

/** The split that people's answers are learnt in. */
export const learntSplit = 'train';

const howToPrepareAgain = '`retryFeedbackLoop` tries it again; from ASKING, people are asked anew first.';

/** The answers of all rounds become a version, behind the rows that the loop began with. */
export async function prepare(tools: LoopTools, state: LoopState): Promise<void> {
  const { loop, settings, rounds, round } = state;
  const { preparationId } = round;
  if (preparationId === null) {
    const { startDataId, seed } = settings;
    return begin(tools, state, 'preparation_id', () =>
      tools.feedbackDatasets.create({
        projectId: loop.projectId,
        taskIds: rounds.flatMap(({ taskId }) => taskId ?? []),
        target: targetOf(state),
        rules: rulesOf(settings),
        fractions: usualSplit.fractions,
        seed,
        joined: {
          split: learntSplit,
          versionId: startDataId === null ? null : rowId('DatasetVersion', startDataId, ['startDataId']),
        },
        idempotencyKey: null,
        input: null,
      }),
    );
  }
  const [preparation] = await preparationsByIds(tools.query, [preparationId]);
  if (preparation === undefined || preparation.status === 'QUEUED' || preparation.status === 'RUNNING') return;
  const { status, datasetVersionId, problems } = preparation;
  if (status !== 'SUCCEEDED' || datasetVersionId === null) {
    return failLoop(tools, state, failureOf('The making of the dataset version', problems[0], howToPrepareAgain));
  }
  const [version] = await tools.query<{ datasetId: string }>(
    'SELECT dataset_id AS "datasetId" FROM dataset_versions WHERE id = $1',
    [datasetVersionId],
  );
  if (version === undefined) {
    return failLoop(tools, state, goneMeanwhile('The version of the round', howToPrepareAgain));
  }
  return moveTo(tools, state, 'TRAINING', {
    round: { dataset_version_id: datasetVersionId },
    loop: { dataset_id: version.datasetId },
  });
}

/** The rules by which the answers of rounds become rows. */
export function rulesOf({
  policy,
  leastAnswers,
  ask,
}: Pick<LoopSettings, 'policy' | 'leastAnswers' | 'ask'>): FeedbackDatasetRules {
  return {
    policy,
    leastAnswers,
    leastAgreement: null,
    unpaired: false,
    correctionPairs: false,
    modelJudgements: ask.kind === 'pairs',
  };
}

function targetOf({ loop }: LoopState) {
  const versionId = randomUUID();
  if (loop.datasetId !== null) return { kind: 'version' as const, datasetId: loop.datasetId, versionId };
  return {
    kind: 'newDataset' as const,
    datasetId: randomUUID(),
    versionId,
    // Names are unique in a project, those of loops are not.
    name: `${loop.name.slice(0, 80)} (answers of the loop ${loop.id.slice(0, 8)})`,
    description: `What people answered in the rounds of the feedback loop “${loop.name}”.`,
  };
}
