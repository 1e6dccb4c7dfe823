/** A page of a list, as documents select it: `nodes pageInfo { hasNextPage endCursor }`. */
export interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
}

/**
 * All nodes of a list, page by page as they are asked for. Rows that are added meanwhile are neither shown twice nor do
 * they push others out.
 */
export async function* allNodes<Node>(
  pageAfter: (after: string | null) => Promise<Page<Node> | null | undefined>,
): AsyncGenerator<Node, void, undefined> {
  for (let after: string | null = null; ; ) {
    const page: Page<Node> | null | undefined = await pageAfter(after);
    if (page === null || page === undefined) return;
    yield* page.nodes;
    if (!page.pageInfo.hasNextPage) return;
    after = page.pageInfo.endCursor ?? null;
  }
}

/** What a stream says last; null when it says nothing. */
export async function lastOf<Value>(values: AsyncIterable<Value>): Promise<Value | null> {
  let last: Value | null = null;
  for await (const value of values) last = value;
  return last;
}
