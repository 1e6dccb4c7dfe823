import { rowId } from '../graphql/global-id.js';
import { ProblemsError, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import { type DatasetVersionRow, versionsByIds } from './dataset.reads.js';

/** The dataset version with this global id in this project. Throws ProblemsError NOT_FOUND at `path`. */
export async function requireVersion(
  query: Query,
  id: string,
  projectId: string,
  path: readonly string[],
): Promise<DatasetVersionRow> {
  const [version] = await versionsByIds(query, [rowId('DatasetVersion', id, path)]);
  if (version?.projectId === projectId) return version;
  throw new ProblemsError([problem(path, 'NOT_FOUND', 'There is no dataset version with this id in the project.')]);
}
