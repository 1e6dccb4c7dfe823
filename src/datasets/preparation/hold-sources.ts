import { holdRows } from '../../database/hold-rows.js';
import { rowId } from '../../graphql/global-id.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import { modelsNamedIn } from '../../protocol/preparation/named-models.js';
import type { NamedVersion } from '../../protocol/preparation/named-versions.js';
import type { PreparationTarget, RowSource } from '../../protocol/preparation/prepare-job.js';
import type { Recipe } from '../../protocol/preparation/recipe.js';
import type { Query } from '../../protocol/sql/query.js';

/**
 * Keeps what a preparation of a project reads, and the dataset that it adds to, from being deleted until the
 * transaction ends that queues it. After that, deletions see the preparation. Locks datasets first, as deletions do.
 * @throws ProblemsError NOT_FOUND for what was deleted at this moment
 */
export async function holdSources(
  query: Query,
  target: PreparationTarget,
  sources: readonly RowSource[],
  namedVersions: readonly NamedVersion[],
  { projectId, recipe }: { readonly projectId: string; readonly recipe: Recipe },
): Promise<void> {
  const datasets = await holdRows(query, 'datasets', target.kind === 'version' ? [target.datasetId] : []);
  const named = namedVersions.map(({ datasetVersionId }) => rowId('DatasetVersion', datasetVersionId, ['recipe']));
  const versions = await holdRows(query, 'dataset_versions', [
    ...sources.flatMap((source) => (source.kind === 'version' ? [source.versionId] : [])),
    ...named,
  ]);
  const uploads = await holdRows(
    query,
    'uploads',
    sources.flatMap((source) => (source.kind === 'upload' ? [source.uploadId] : [])),
  );
  if (target.kind === 'version' && !datasets.has(target.datasetId)) {
    throw new ProblemsError([problem(['datasetId'], 'NOT_FOUND', 'The dataset was deleted at this moment.')]);
  }
  const gone = sources.flatMap((source, i) => {
    const path = ['sources', String(i), source.kind];
    if (source.kind === 'version') {
      if (versions.has(source.versionId)) return [];
      return [problem([...path, 'datasetVersionId'], 'NOT_FOUND', 'The version was deleted at this moment.')];
    }
    // They go with their dataset, which is the one that the preparation adds to; the rows of feedback and of samples
    // are a file.
    if (source.kind === 'appended' || source.kind === 'feedback' || source.kind === 'samples') return [];
    if (uploads.has(source.uploadId)) return [];
    return [problem([...path, 'uploadId'], 'NOT_FOUND', 'The upload was removed at this moment.')];
  });
  if (named.some((id) => !versions.has(id))) {
    gone.push(problem(['recipe'], 'NOT_FOUND', 'A version that the recipe names was deleted at this moment.'));
  }
  const models = modelsNamedIn(recipe);
  const there = await holdModels(query, projectId, models);
  gone.push(
    ...models
      .filter(({ digest }) => !there.has(digest))
      .map(({ path }) => problem(path, 'NOT_FOUND', 'The model was deleted at this moment.')),
  );
  if (gone.length > 0) throw new ProblemsError(gone);
}

/** Returns the digests of those that are there. */
async function holdModels(
  query: Query,
  projectId: string,
  models: readonly { readonly digest: string }[],
): Promise<ReadonlySet<string>> {
  if (models.length === 0) return new Set();
  const rows = await query<{ digest: string }>(
    'SELECT digest FROM base_models WHERE project_id = $1 AND digest = ANY($2) ORDER BY id FOR KEY SHARE',
    [projectId, models.map(({ digest }) => digest)],
  );
  return new Set(rows.map(({ digest }) => digest));
}
