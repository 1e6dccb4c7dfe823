import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import type { PreparationTarget, RowSource } from '../../protocol/preparation/prepare-job.js';
import type { Query } from '../../protocol/sql/query.js';
import { datasetNameTaken } from '../dataset-texts.js';
import { uploadUsed } from '../received-upload.js';

/**
 * Refuses a name that a dataset has, or will get by a preparation that has not ended. Of preparations at once with the
 * same name, the second waits here until the first is queued.
 * @throws ProblemsError ALREADY_EXISTS
 */
export async function refuseClaimedName(query: Query, projectId: string, target: PreparationTarget): Promise<void> {
  if (target.kind !== 'newDataset') return;
  const { name } = target;
  await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`dataset name ${projectId} ${name}`]);
  const [found] = await query<{ exists: boolean; prepared: boolean }>(
    `SELECT EXISTS (SELECT FROM datasets WHERE project_id = $1 AND name = $2) AS exists,
            EXISTS (SELECT FROM preparations
                     WHERE project_id = $1 AND status IN ('QUEUED', 'RUNNING') AND target ->> 'kind' = 'newDataset'
                       AND target ->> 'name' = $2) AS prepared`,
    [projectId, name],
  );
  if (found?.exists === true) throw datasetNameTaken(name, 'Add a version to it, or choose another name.');
  if (found?.prepared !== true) return;
  const message = `A dataset “${name}” exists already, or is being prepared.`;
  const hint = 'Choose another name, or wait for the preparation: if it fails, or is canceled, the name is free.';
  throw new ProblemsError([problem(['name'], 'ALREADY_EXISTS', message, hint)]);
}

/**
 * Refuses uploads that were used, or that a preparation which has not ended will use up. Locks them, so that of
 * preparations at once the second waits here until the first is queued. Readings of one upload for rows alone do not
 * exclude each other: they may be repeated calls, and whoever takes the rows uses up the upload.
 * @throws ProblemsError UPLOAD_NOT_READY
 */
export async function refuseClaimedUploads(
  query: Query,
  target: PreparationTarget,
  sources: readonly RowSource[],
): Promise<void> {
  const ids = [...new Set(sources.flatMap((source) => (source.kind === 'upload' ? [source.uploadId] : [])))];
  if (ids.length === 0) return;
  const locked = await query<{ id: string; status: string }>(
    'SELECT id, status FROM uploads WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE',
    [ids],
  );
  const read = await query<{ id: string }>(
    `SELECT s.value ->> 'uploadId' AS id FROM preparations p, jsonb_array_elements(p.sources) AS s
      WHERE p.status IN ('QUEUED', 'RUNNING') AND s.value ->> 'uploadId' = ANY($1::text[])
        AND NOT ($2 AND p.target ->> 'kind' = 'rows')`,
    [ids, target.kind === 'rows'],
  );
  const isUsed = new Set(locked.flatMap(({ id, status }) => (status === 'RECEIVED' ? [] : [id])));
  const isRead = new Set(read.map(({ id }) => id));
  const wrong = sources.flatMap((source, i): InputProblem[] => {
    if (source.kind !== 'upload') return [];
    const path = ['sources', String(i), 'upload', 'uploadId'];
    if (isUsed.has(source.uploadId)) return [uploadUsed(path)];
    if (!isRead.has(source.uploadId)) return [];
    const hint = 'Wait for it: if it fails, or is canceled, the upload can be used again. Or create another upload.';
    return [problem(path, 'UPLOAD_NOT_READY', 'Another preparation reads the upload.', hint)];
  });
  if (wrong.length > 0) throw new ProblemsError(wrong);
}
