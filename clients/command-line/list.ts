import { allNodes, type Page } from '../typescript/index.js';
import type { Session } from './session.js';
import { table } from './table.js';
import { upTo } from './within.js';

/** Shows a list: a table for people, a line for each object for scripts. */
export async function showList<Node extends object>(
  session: Session,
  limit: number,
  pageAfter: (after: string | null, first: number) => Promise<Page<Node> | null | undefined>,
  head: readonly string[],
  row: (node: Node) => readonly unknown[],
): Promise<void> {
  const nodes = upTo(
    limit,
    allNodes((after) => pageAfter(after, Math.max(1, Math.min(100, limit)))),
  );
  if (session.isJson) {
    for await (const node of nodes) await session.show(node, () => '');
    return;
  }
  const rows: (readonly unknown[])[] = [];
  for await (const node of nodes) rows.push(row(node));
  if (rows.length === 0) session.note('There are none.');
  else await session.show({}, () => table(head, rows));
  if (rows.length === limit) session.note(`The first ${limit}; --limit shows more.`);
}
