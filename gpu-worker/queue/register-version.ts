import { withHeader } from '../../src/protocol/datasets/file-options.js';
import { PreparationTarget, RowSource } from '../../src/protocol/preparation/prepare-job.js';
import type { PreparedRows } from '../../src/protocol/preparation/prepared-rows.js';
import { lastMaskOf, Recipe } from '../../src/protocol/preparation/recipe.js';
import type { Problem } from '../../src/protocol/run-event.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { inheritRejections, rejectedCountOf } from '../../src/protocol/sql/rejections.js';
import type { ArtifactRecord } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { keepArtifacts } from '../../src/storage/keep-artifacts.js';
import { ProblemError } from '../problem-error.js';

interface PreparationRow {
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly target: unknown;
  readonly sources: unknown;
  readonly recipe: unknown;
}

/**
 * Records what a preparation made: a new dataset with its first version, the next version of one, or rows for whoever
 * asked for them. Uses up the uploads that become a dataset.
 * @throws ArtifactMissing; ProblemError CONFLICT, ALREADY_EXISTS, UPLOAD_NOT_READY for what changed meanwhile
 */
export async function registerPrepared(
  query: Query,
  store: ArtifactStore,
  preparationId: string,
  rows: PreparedRows,
  files: readonly ArtifactRecord[],
): Promise<void> {
  const [row] = await query<PreparationRow>(
    'SELECT project_id AS "projectId", created_by AS "createdBy", target, sources, recipe FROM preparations WHERE id = $1',
    [preparationId],
  );
  if (row === undefined) throw new Error(`Preparation ${preparationId} does not exist.`);
  const target = PreparationTarget.parse(row.target);
  const sources = RowSource.array().parse(row.sources);
  await keepArtifacts(query, store, files);
  if (target.kind === 'rows') {
    await query('UPDATE preparations SET rows = $2 WHERE id = $1', [preparationId, JSON.stringify(rows)]);
    return;
  }
  for (const [uploadId, index] of firstPlaces(sources)) await consumeUpload(query, uploadId, index);
  if (target.kind === 'newDataset') await insertDataset(query, row, target);
  const versionId = await insertVersion(query, { target, row, sources, rows });
  await insertSources(query, versionId, sources, rows.formats);
  await insertRejectedRows(query, versionId, sources, rows, Recipe.parse(row.recipe));
  await query('UPDATE preparations SET dataset_version_id = $2 WHERE id = $1', [preparationId, versionId]);
}

/** The uploads among the sources, each with its first place: several sources may be parts of one. */
function firstPlaces(sources: readonly RowSource[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [i, source] of sources.entries())
    if (source.kind === 'upload' && !places.has(source.uploadId)) places.set(source.uploadId, i);
  return places;
}

async function consumeUpload(query: Query, uploadId: string, index: number): Promise<void> {
  const consumed = await query(
    `UPDATE uploads SET status = 'CONSUMED' WHERE id = $1 AND status = 'RECEIVED' RETURNING id`,
    [uploadId],
  );
  if (consumed.length > 0) return;
  throw new ProblemError({
    path: ['sources', String(index), 'upload', 'uploadId'],
    code: 'UPLOAD_NOT_READY',
    message: 'The upload was used already.',
    hint: 'Create another upload, and send the file to it.',
  });
}

async function insertDataset(
  query: Query,
  { projectId, createdBy }: PreparationRow,
  { datasetId, name, description }: PreparationTarget & { readonly kind: 'newDataset' },
): Promise<void> {
  const inserted = await query(
    `INSERT INTO datasets (id, project_id, created_by, name, description) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING id`,
    [datasetId, projectId, createdBy, name, description],
  );
  if (inserted.length > 0) return;
  throw new ProblemError({
    path: ['name'],
    code: 'ALREADY_EXISTS',
    message: `The project has a dataset named “${name}” already.`,
    hint: 'Add a version to it, or choose another name.',
  });
}

async function insertVersion(
  query: Query,
  made: {
    readonly target: Exclude<PreparationTarget, { readonly kind: 'rows' }>;
    readonly row: PreparationRow;
    readonly sources: readonly RowSource[];
    readonly rows: PreparedRows;
  },
): Promise<string> {
  const { target, row, sources, rows } = made;
  const { datasetId, versionId } = target;
  // Locked, so that two versions at once get consecutive numbers.
  const [dataset] = await query<{ last: number }>(
    'SELECT last_deleted_version AS last FROM datasets WHERE id = $1 FOR UPDATE',
    [datasetId],
  );
  if (dataset === undefined) throw new ProblemError(deletedMeanwhile);
  const origin = await originOf(query, sources, rows);
  await query(
    `INSERT INTO dataset_versions (id, dataset_id, number, created_by, digest, source_digest, format, file_options,
       example_count, rejected_count, columns, left_out_columns, notices, splits, split_plan, recipe, steps, roles)
     SELECT $1, $2, greatest($3, (SELECT max(number) FROM dataset_versions WHERE dataset_id = $2)) + 1,
            $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18`,
    [
      versionId,
      datasetId,
      dataset.last,
      row.createdBy,
      rows.digest,
      origin.digest,
      origin.format,
      origin.fileOptions === null ? null : JSON.stringify(origin.fileOptions),
      rows.exampleCount,
      rows.rejectedCount + origin.rejectedCount,
      JSON.stringify(rows.columns),
      JSON.stringify(eachOnce(rows.leftOutColumns)),
      JSON.stringify(eachOnce([...origin.notices, ...rows.notices])),
      JSON.stringify(rows.splits),
      JSON.stringify(rows.splitPlan),
      JSON.stringify(row.recipe),
      JSON.stringify(rows.steps),
      JSON.stringify(rows.roles),
    ],
  );
  return versionId;
}

/** What a version has of the first of its sources, and of all that are versions. */
async function originOf(query: Query, sources: readonly RowSource[], { header, formats }: PreparedRows) {
  const parentIds = versionsAmong(sources);
  const parents = await query<{
    id: string;
    digest: string;
    format: string;
    fileOptions: unknown;
    notices: PreparedRows['notices'];
  }>(
    `SELECT id, source_digest AS digest, format, file_options AS "fileOptions", notices
       FROM dataset_versions WHERE id = ANY($1::uuid[])`,
    [parentIds],
  );
  const ofParent = (id: string) => {
    const parent = parents.find((each) => each.id === id);
    if (parent === undefined)
      throw new ProblemError({ ...deletedMeanwhile, message: 'A version that was read was deleted meanwhile.' });
    return parent;
  };
  const all = parentIds.map(ofParent);
  const rejectedCount = await rejectedCountOf(query, parentIds);
  const notices = all.flatMap((parent) => parent.notices);
  const [first] = sources;
  if (first?.kind === 'upload') {
    const { digest, fileOptions } = first;
    const format = formats[0] ?? first.format;
    return { digest, format, fileOptions: withHeader(fileOptions, header) as unknown, rejectedCount, notices };
  }
  if (first?.kind === 'appended' || first?.kind === 'feedback' || first?.kind === 'samples') {
    return { digest: first.digest, format: 'JSONL' as const, fileOptions: null, rejectedCount, notices };
  }
  const { digest, format, fileOptions } = ofParent(first!.versionId);
  return { digest, format, fileOptions, rejectedCount, notices };
}

function versionsAmong(sources: readonly RowSource[]): string[] {
  return sources.flatMap((source) => (source.kind === 'version' ? [source.versionId] : []));
}

/** Several sources may tell the same of one file. */
function eachOnce<T>(told: readonly T[]): T[] {
  return [...new Map(told.map((each) => [JSON.stringify(each), each])).values()];
}

const deletedMeanwhile: Problem = {
  path: [],
  code: 'CONFLICT',
  message: 'The dataset was deleted while its version was made.',
  hint: 'Create another dataset.',
};

async function insertSources(
  query: Query,
  versionId: string,
  sources: readonly RowSource[],
  formats: PreparedRows['formats'],
): Promise<void> {
  for (const [position, source] of sources.entries()) {
    if (source.kind === 'upload') {
      await query(
        `INSERT INTO dataset_version_sources (dataset_version_id, position, kind, upload_id, file_name, format,
           file_options, digest, split)
         VALUES ($1, $2, 'upload', $3, $4, $5, $6, $7, $8)`,
        [
          versionId,
          position,
          source.uploadId,
          source.fileName,
          formats[position] ?? source.format,
          source.fileOptions === null ? null : JSON.stringify(source.fileOptions),
          source.digest,
          source.split,
        ],
      );
    } else if (source.kind === 'appended') {
      await query(
        `INSERT INTO dataset_version_sources (dataset_version_id, position, kind, format, digest, split, appended_count)
         VALUES ($1, $2, 'appended', 'JSONL', $3, $4, $5)`,
        [versionId, position, source.digest, source.split, source.exampleCount],
      );
    } else if (source.kind === 'feedback') {
      await insertFeedback(query, versionId, position, source);
    } else if (source.kind === 'samples') {
      await insertSamples(query, versionId, position, source);
    } else {
      await query(
        `INSERT INTO dataset_version_sources (dataset_version_id, position, kind, parent_version_id, parent_name, digest, split)
         SELECT $1, $2, 'version', v.id, d.name || ' v' || v.number, v.digest, $4
           FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id WHERE v.id = $3`,
        [versionId, position, source.versionId, source.split],
      );
    }
  }
}

/** The tasks whose answers became rows: by name alone, where they were deleted meanwhile. */
async function insertFeedback(
  query: Query,
  versionId: string,
  position: number,
  { digest, split, reading }: RowSource & { readonly kind: 'feedback' },
): Promise<void> {
  const { tasks, ...made } = reading;
  await query(
    `INSERT INTO dataset_version_sources (dataset_version_id, position, kind, format, digest, split, feedback)
     VALUES ($1, $2, 'feedback', 'JSONL', $3, $4, $5)`,
    [versionId, position, digest, split, JSON.stringify(made)],
  );
  await query(
    `INSERT INTO dataset_version_feedback (dataset_version_id, position, place, task_id, task_name, last_seq, people_count)
     SELECT $1, $2, asked.ordinal - 1, t.id, asked.name, asked.seq, asked.people
       FROM unnest($3::uuid[], $4::text[], $5::bigint[], $6::int[])
              WITH ORDINALITY AS asked (id, name, seq, people, ordinal)
       LEFT JOIN (SELECT id FROM feedback_tasks WHERE id = ANY($3::uuid[]) FOR KEY SHARE) AS t ON t.id = asked.id`,
    [
      versionId,
      position,
      tasks.map(({ taskId }) => taskId),
      tasks.map(({ name }) => name),
      tasks.map(({ seq }) => seq),
      tasks.map(({ people }) => people?.length ?? null),
    ],
  );
  const people = tasks.flatMap(({ people: own = [] }, place) => own.map((person) => ({ place, ...person })));
  await query(
    `INSERT INTO dataset_version_people (dataset_version_id, position, place, user_id, answer_count)
     SELECT $1, $2, said.place, u.id, said.answers
       FROM jsonb_to_recordset($3::jsonb) AS said (place int, "userId" uuid, answers bigint)
       JOIN users u ON u.id = said."userId"`,
    [versionId, position, JSON.stringify(people)],
  );
}

/** The samples that became rows: without their id, where they were deleted meanwhile. */
async function insertSamples(
  query: Query,
  versionId: string,
  position: number,
  { digest, split, reading }: RowSource & { readonly kind: 'samples' },
): Promise<void> {
  const { samplesId, ...made } = reading;
  await query(
    `INSERT INTO dataset_version_sources (dataset_version_id, position, kind, format, digest, split, samples, samples_id)
     VALUES ($1, $2, 'samples', 'JSONL', $3, $4, $5, (SELECT id FROM scored_samples WHERE id = $6 FOR KEY SHARE))`,
    [versionId, position, digest, split, JSON.stringify(made), samplesId],
  );
}

/** The rejected rows of the files that were read, and then of those that the versions were made from. */
async function insertRejectedRows(
  query: Query,
  versionId: string,
  sources: readonly RowSource[],
  { rejectedCount, rejectedRows }: PreparedRows,
  recipe: Recipe,
): Promise<void> {
  if (rejectedCount > 0) {
    await query('INSERT INTO rejected_counts (dataset_version_id, read_by, rejected_count) VALUES ($1, $1, $2)', [
      versionId,
      rejectedCount,
    ]);
    await query(
      `INSERT INTO rejected_rows (dataset_version_id, position, line, code, reason, excerpt, read_by)
       SELECT $1, ordinal - 1, line, code, reason, excerpt, $1
       FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS rejected (line, code, reason, excerpt, ordinal)`,
      [
        versionId,
        rejectedRows.map(({ line }) => line),
        rejectedRows.map(({ code }) => code),
        rejectedRows.map(({ reason }) => reason),
        rejectedRows.map(({ excerpt }) => excerpt),
      ],
    );
  }
  const former = versionsAmong(sources);
  const keepsExcerpts = lastMaskOf(recipe) === -1;
  if (former.length > 0)
    await inheritRejections(query, versionId, former, { position: rejectedRows.length, keepsExcerpts });
}
