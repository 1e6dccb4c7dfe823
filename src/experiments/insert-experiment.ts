import { randomUUID } from 'node:crypto';
import { actorId } from '../access/acting-viewer.js';
import type { Transaction } from '../database/transaction.js';
import { tidyTags } from '../organizing/names-and-tags.js';
import { Experiment } from './experiment.entity.js';
import type { ExperimentDraft } from './experiment.input.js';
import type { ExperimentTools } from './experiment-tools.js';
import { judgeData } from './judge-data.js';
import { scoringModels } from './methods/scoring-models.js';
import type { ResolvedDraft } from './resolve-draft.js';
import { enqueueRun } from './run-control.js';
import { checkSampledRows } from './sample-reading.js';

/** What is written of a new experiment. */
export type PreparedExperiment = Awaited<ReturnType<typeof prepareExperiment>>;

/** Looks at the data of a resolved draft. Throws a ProblemsError where rows of it can not be learnt. */
export async function prepareExperiment(
  { examples, tokenizers, chatSources }: Pick<ExperimentTools, 'examples' | 'tokenizers' | 'chatSources'>,
  draft: ExperimentDraft,
  resolved: ResolvedDraft,
) {
  const { spec, baseModel, version, ids, facts, ofLicence } = resolved;
  await checkSampledRows(spec, baseModel.manifest, { examples, tokenizers, chatSources });
  const { baselines, findings } = await judgeData(examples, spec, version, facts!);
  return { draft, spec, baseModel, version, ids, baselines, findings: [...ofLicence, ...findings] };
}

/** Writes an experiment with its run, the run's first event and its job, in the caller's transaction. */
export async function insertExperiment(
  { query: write, manager }: Transaction,
  prepared: PreparedExperiment,
  made: {
    readonly id: string;
    readonly projectId: string;
    /** Those that the client left to the server. */
    readonly chosenHyperparameters: readonly string[];
    readonly clonedFromId: string | null;
  },
): Promise<void> {
  const { draft, spec, baseModel, version, ids, baselines, findings } = prepared;
  const { id, projectId, chosenHyperparameters, clonedFromId } = made;
  const priority = draft.priority ?? 0;
  await manager.insert(Experiment, {
    id,
    projectId,
    createdBy: actorId(),
    name: draft.name.trim(),
    method: spec.method,
    // A schema of a reward is any JSON, which the types of the table do not know.
    spec: spec as object,
    baselines,
    findings,
    baseModelId: baseModel.id,
    datasetVersionId: version.id,
    ...ids,
    tags: tidyTags(draft.tags ?? []),
    notes: draft.notes ?? '',
    priority,
    clonedFromId,
    chosenHyperparameters: [...chosenHyperparameters],
  });
  const scoring = scoringModels(spec).filter((each) => each !== baseModel.id && each !== ids.referenceModelId);
  await write('INSERT INTO experiment_reward_models (experiment_id, base_model_id) SELECT $1, unnest($2::uuid[])', [
    id,
    scoring,
  ]);
  await enqueueRun(write, { runId: randomUUID(), experimentId: id, projectId, spec, priority });
}
