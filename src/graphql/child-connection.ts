import type { ChildPageLoader, SortColumn } from '../database/child-pages.js';
import { checkRange } from './check-range.js';
import { decodeCursor, maxPageSize, type Page, type PageArgs } from './connection.js';

const forms: Readonly<Record<SortColumn['type'], RegExp>> = {
  timestamptz: /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  int: /^\d{1,10}$/,
};

/** One page of a parent's list, as a GraphQL connection. The count is taken only when a client selects it. */
export async function childConnection<Row, Node, ConnectionType>(options: {
  readonly loader: ChildPageLoader<Row>;
  readonly parent: string;
  readonly page: PageArgs;
  readonly filter?: unknown;
  readonly toNode: (row: Row) => Node;
  readonly toConnection: (page: Page<Node>, after: string | null) => ConnectionType;
}): Promise<ConnectionType> {
  const { loader, parent, page, toNode, toConnection } = options;
  const after = page.after ?? null;
  const filter = options.filter ?? null;
  const found = await loader.page(parent, {
    first: checkRange('first', page.first, 1, maxPageSize),
    after:
      after === null
        ? null
        : decodeCursor(
            after,
            loader.sort.map(({ type }) => forms[type]),
          ),
    filter,
  });
  return toConnection(
    {
      nodes: found.rows.map(toNode),
      keys: found.keys,
      hasNextPage: found.hasNextPage,
      count: () => loader.count(parent, filter),
    },
    after,
  );
}
