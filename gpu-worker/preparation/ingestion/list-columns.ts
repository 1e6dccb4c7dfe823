import { listColumnPath } from '../../../src/preparation/check-file-options.js';
import { namesHint } from '../../../src/problems/closest-name.js';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { ListColumn } from '../../../src/protocol/datasets/file-options.js';

/** The columns that must be lists, by their position. Throws ProblemsError for columns that the file does not have. */
export function placesOfLists(lists: readonly ListColumn[], names: readonly string[]): ReadonlyMap<number, ListColumn> {
  const unknown = lists.flatMap(({ column }, index) =>
    names.includes(column)
      ? []
      : [
          problem(
            listColumnPath(index, 'column'),
            'UNKNOWN_COLUMN',
            `The file has no column “${column}”.`,
            namesHint(column, names),
          ),
        ],
  );
  if (unknown.length > 0) throw new ProblemsError(unknown);
  return new Map(lists.map((list) => [names.indexOf(list.column), list]));
}
