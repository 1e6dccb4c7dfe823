import type { Loaders } from '../../access/context.js';
import { may, type Viewer } from '../../access/viewer.js';
import { rowId } from '../../graphql/global-id.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import type { ExperimentRow } from '../experiment.reads.js';

export const mostCompared = 10;

/**
 * The experiments with these global ids, in their order.
 * @throws ProblemsError with all problems: fewer than 2 ids or more than 10 (at `ids`); an id of no experiment that the
 * viewer may read, of one in another project than the first, or of one earlier in the list (at `ids` and the position)
 */
export async function requireComparable(
  loader: Loaders['experiments']['byId'],
  ids: readonly string[],
  viewer: Viewer,
): Promise<readonly ExperimentRow[]> {
  if (ids.length < 2 || ids.length > mostCompared) {
    throw new ProblemsError([
      problem(['ids'], 'INVALID_VALUE', `From 2 to ${mostCompared} experiments can be compared, not ${ids.length}.`),
    ]);
  }
  const found = await Promise.all(
    ids.map(async (id, index) => {
      const path = ['ids', String(index)];
      try {
        const row = await loader.load(rowId('Experiment', id, path));
        return row !== null && may(viewer, 'READ', row.projectId) ? row : noExperiment(path);
      } catch (error) {
        if (error instanceof ProblemsError) return error.problems[0]!;
        throw error;
      }
    }),
  );
  const projectId = found.find(isRow)?.projectId;
  const rows: ExperimentRow[] = [];
  const problems = found.flatMap((each, index) => {
    const path = ['ids', String(index)];
    if (!isRow(each)) return [each];
    if (each.projectId !== projectId) return [noExperiment(path)];
    if (rows.some(({ id }) => id === each.id)) {
      return [problem(path, 'INVALID_VALUE', 'This experiment is already in the list.', 'Name each experiment once.')];
    }
    rows.push(each);
    return [];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
  return rows;
}

/**
 * The same message for an experiment that does not exist, one of another project, and one that the viewer may not read.
 */
function noExperiment(path: readonly string[]) {
  return problem(path, 'NOT_FOUND', 'There is no experiment with this id in the project.');
}

function isRow(found: ExperimentRow | ReturnType<typeof problem>): found is ExperimentRow {
  return 'projectId' in found;
}
