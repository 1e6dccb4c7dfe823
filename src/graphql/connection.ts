import { GraphQLError } from 'graphql';
import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import { checkRange } from './check-range.js';
import { defaultPageSize, maxPageSize } from './page-size.js';
import { BigIntScalar } from './scalars.js';

export { maxPageSize };

@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    defaultValue: defaultPageSize,
    description: `How many to return at most, from 1 to ${maxPageSize}.`,
  })
  first!: number;

  @Field(() => String, {
    nullable: true,
    description: 'Continue after this cursor: the `endCursor` of the page before.',
  })
  after!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `How many to return at most, from 1 to ${maxPageSize}, of the end of the list, or of what lies before \`before\`; \`first\` does not count then.`,
  })
  last?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'Go back from this cursor: the `startCursor` of the page behind. Not together with `after`.',
  })
  before?: string | null;
}

@ObjectType('PageInfo', { description: 'Where a page lies in its list.', simpleResolvers: true })
export class PageInfo {
  @Field(() => Boolean, {
    description: 'Whether more objects follow after this page; of a page before a cursor, true.',
  })
  hasNextPage!: boolean;

  @Field(() => Boolean, {
    description:
      'Whether other objects lie before this page: those that were asked for with `last` or `before` know, others say whether they were asked for with `after`.',
  })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge; null for an empty page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last edge; null for an empty page.' })
  endCursor!: string | null;
}

interface Edge<T> {
  readonly cursor: string;
  readonly node: T;
}

interface Connection<T> {
  readonly edges: readonly Edge<T>[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
  totalCount(): Promise<number>;
}

/** The contents of a page: at most `first` nodes with their keys, whether more follow, and a count on demand. */
export interface Page<T> {
  readonly nodes: readonly T[];
  /** Empty where no cursor is selected. */
  readonly keys: readonly CursorKey[];
  readonly hasNextPage: boolean;
  /** Left out: whether the page goes on after a cursor. */
  readonly hasPreviousPage?: boolean;
  readonly count: () => Promise<number>;
}

/** Values of the sort columns at which a page ends; keyset pagination continues after them. */
type CursorKey = readonly (string | number)[];

function encodeCursor(key: CursorKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * The key in a cursor, each value in the expected form. Throws a GraphQL error BAD_USER_INPUT for a cursor of another
 * list.
 */
export function decodeCursor(cursor: string, forms: readonly RegExp[]): readonly string[] {
  const values = readCursor(cursor);
  if (values?.length === forms.length && values.every((value, i) => forms[i]!.test(value))) return values;
  throw notACursor();
}

/** The values in a cursor; null when the text is not a cursor. */
export function readCursor(cursor: string): readonly string[] | null {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(key) ? key.map(String) : null;
  } catch {
    return null;
  }
}

export function notACursor(reason = '`after` is not a cursor of this list.'): GraphQLError {
  return new GraphQLError(reason, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** Complexity of a field that returns a page: each node costs what the client selects of it. */
export function pageComplexity(options: {
  args: { first?: number; last?: number | null };
  childComplexity: number;
}): number {
  return 1 + Math.max(1, options.args.last ?? options.args.first ?? defaultPageSize) * options.childComplexity;
}

/** What a page is asked for: a number of objects after a cursor, or before one; a null cursor is an end of the list. */
export type PageRequest =
  | { readonly goes: 'FORTH'; readonly size: number; readonly cursor: string | null }
  | { readonly goes: 'BACK'; readonly size: number; readonly cursor: string | null };

/** Throws a GraphQL error BAD_USER_INPUT. */
export function pageRequest({ first, after, last, before }: PageArgs): PageRequest {
  if (last == null && before == null) {
    return { goes: 'FORTH', size: checkRange('first', first, 1, maxPageSize), cursor: after ?? null };
  }
  if (after != null) {
    throw new GraphQLError('`after` goes on from a cursor, `last` and `before` go back: send either.', {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  }
  const size = last == null ? checkRange('first', first, 1, maxPageSize) : checkRange('last', last, 1, maxPageSize);
  return { goes: 'BACK', size, cursor: before ?? null };
}

/**
 * The classes `<Name>Edge` and `<Name>Connection` of a node type, and the function that makes a connection from a page.
 */
export function connectionOf<T extends object>(
  name: string,
  plural: string,
  NodeClass: abstract new (...args: never[]) => T,
) {
  @ObjectType(`${name}Edge`, { description: `One of the ${plural} in a page.`, simpleResolvers: true })
  class EdgeClass implements Edge<T> {
    @Field(() => String, { description: 'Opaque position in the list, for `after`.' })
    readonly cursor!: string;

    @Field(() => NodeClass, { description: 'The object itself.' })
    readonly node!: T;
  }

  @ObjectType(`${name}Connection`, { description: `A page of ${plural}.` })
  class ConnectionClass implements Connection<T> {
    constructor(
      private readonly page?: Page<T>,
      private readonly after: string | null = null,
    ) {}

    @Field(() => [EdgeClass], { description: 'The page, in order, each with its cursor.', simple: true })
    get edges(): EdgeClass[] {
      const { nodes = [], keys = [] } = this.page ?? {};
      return nodes.map((node, i) => ({ node, cursor: encodeCursor(keys[i] ?? []) }));
    }

    @Field(() => [NodeClass], { description: 'The page, in order, without cursors.', simple: true })
    get nodes(): readonly T[] {
      return this.page?.nodes ?? [];
    }

    @Field(() => PageInfo, { description: 'Whether and where to continue.', simple: true })
    get pageInfo(): PageInfo {
      const { keys = [], hasNextPage = false, hasPreviousPage = this.after !== null } = this.page ?? {};
      const [first, last] = [keys[0], keys.at(-1)];
      return {
        hasNextPage,
        hasPreviousPage,
        startCursor: first === undefined ? null : encodeCursor(first),
        endCursor: last === undefined ? null : encodeCursor(last),
      };
    }

    @Field(() => BigIntScalar, {
      description: 'How many objects the list has in all. Counted only when selected.',
    })
    async totalCount(): Promise<number> {
      return this.page === undefined ? 0 : this.page.count();
    }
  }

  function toConnection(page: Page<T>, after: string | null | undefined): ConnectionClass {
    return new ConnectionClass(page, after ?? null);
  }

  return { Edge: EdgeClass, Connection: ConnectionClass, toConnection };
}
