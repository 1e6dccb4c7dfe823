import { holdRows } from '../database/hold-rows.js';
import { requireVersion } from '../datasets/require-version.js';
import { controlVersionOf, referenceModelOf } from '../experiments/methods/asked-of-method.js';
import type { AskedObject } from '../experiments/methods/referred.js';
import { rowId } from '../graphql/global-id.js';
import { requireBaseModel } from '../models/require-base-model.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import type { LoopSettings } from './loop.js';

/** What a loop's settings name beside its own models: row ids, each once. They are in use until it ends. */
export interface NamedByLoop {
  readonly versionIds: readonly string[];
  readonly modelIds: readonly string[];
}

/**
 * Looks up all that settings name.
 * @throws ProblemsError NOT_FOUND for each that is not in the project, with its place in the input
 */
export async function requireNamed(query: Query, projectId: string, settings: LoopSettings): Promise<NamedByLoop> {
  const problems: InputProblem[] = [];
  const look = async (
    asked: readonly AskedObject[],
    require: (each: AskedObject) => Promise<{ readonly id: string }>,
  ): Promise<string[]> => {
    const ids = new Set<string>();
    for (const each of asked) {
      try {
        ids.add((await require(each)).id);
      } catch (error) {
        if (!(error instanceof ProblemsError)) throw error;
        problems.push(...error.problems);
      }
    }
    return [...ids];
  };
  const versionIds = await look(versionsOf(settings), ({ id, path }) => requireVersion(query, id, projectId, path));
  const modelIds = await look(modelsOf(settings), ({ id, path }) => requireBaseModel(query, id, projectId, path));
  if (problems.length > 0) throw new ProblemsError(problems);
  return { versionIds, modelIds };
}

/** Keeps what is named from being deleted until the transaction ends. Throws ProblemsError where some is gone. */
export async function holdNamed(write: Query, { versionIds, modelIds }: NamedByLoop): Promise<void> {
  // A loop has no references to them: deletions look for the loop that uses them.
  const versions = await holdRows(write, 'dataset_versions', versionIds);
  const models = await holdRows(write, 'base_models', modelIds);
  if (versions.size === versionIds.length && models.size === modelIds.length) return;
  throw new ProblemsError([
    problem([], 'CONFLICT', 'A dataset version or a model that the loop needs was deleted at this moment.'),
  ]);
}

function versionsOf({ ask, startDataId, measuring, preferences, judging, training }: LoopSettings): AskedObject[] {
  return [
    ...named(ask.datasetVersionId, ['ask', ask.kind, 'datasetVersionId']),
    ...named(startDataId, ['startDataId']),
    ...named(measuring?.datasetVersionId, ['measuring', 'datasetVersionId']),
    ...named(preferences?.datasetVersionId, ['preferences', 'datasetVersionId']),
    ...named(judging?.datasetVersionId, ['judging', 'datasetVersionId']),
    ...inTraining(controlVersionOf(training.method)),
  ];
}

/** An alias is not looked up: it is in use by itself as long as it stands for a model. */
function modelsOf({ ask, judging, training }: LoopSettings): AskedObject[] {
  const { policyOptimization } = training.method;
  const at = ['training', 'method', 'policyOptimization'];
  const scoring = (['rewards', 'controlRewards'] as const).flatMap((list) =>
    (policyOptimization?.[list] ?? []).flatMap(({ by }, i) =>
      (['label', 'rewardModel'] as const).flatMap((kind) =>
        named(by[kind]?.modelId, [...at, list, String(i), 'by', kind, 'modelId']),
      ),
    ),
  );
  return [
    ...(ask.kind === 'pairs'
      ? [
          ...named(ask.writerId, ['ask', 'pairs', 'writerId']),
          ...named(ask.judge?.modelId, ['ask', 'pairs', 'judge', 'modelId']),
        ]
      : []),
    ...named(judging?.rewardModelId, ['judging', 'rewardModelId']),
    ...inTraining(referenceModelOf(training.method)),
    ...scoring,
    ...named(policyOptimization?.algorithm?.ppo?.valueModelId, [...at, 'algorithm', 'ppo', 'valueModelId']),
  ];
}

function named(id: string | null | undefined, path: readonly string[]): AskedObject[] {
  return id == null ? [] : [{ id, path: [...path] }];
}

function inTraining(asked: AskedObject | null): AskedObject[] {
  return asked === null ? [] : named(asked.id, ['training', ...asked.path]);
}

/** Whether two ids of the graph are those of one version. */
export function isSameVersion(one: string, other: string): boolean {
  return rowId('DatasetVersion', one, []) === rowId('DatasetVersion', other, []);
}
