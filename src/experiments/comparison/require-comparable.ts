import type { Loaders } from '../../access/context.js';
import { may, type Viewer } from '../../access/viewer.js';
import { rowId } from '../../graphql/global-id.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import type { ExperimentRow } from '../experiment.reads.js';

export const mostCompared = 10;

/**
 * The experiments with these global ids, in their order. Throws ProblemsError with all that is wrong: fewer than 2 ids or more than 10 (`ids`), one that is no
 * experiment's that the viewer may read, one of another project than the first, or one that was there before (`ids`, its position).
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
      return [problem(path, 'INVALID_VALUE', 'This experiment stands in the list already.', 'Name each one once.')];
    }
    rows.push(each);
    return [];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
  return rows;
}

/** The same words for one that is not there, one of another project, and one that the viewer may not read. */
function noExperiment(path: readonly string[]) {
  return problem(path, 'NOT_FOUND', 'There is no experiment with this id in the project.');
}

function isRow(found: ExperimentRow | ReturnType<typeof problem>): found is ExperimentRow {
  return 'projectId' in found;
}
