import type { GraphQLField, GraphQLResolveInfo } from 'graphql';

/**
 * Resolves a field of all objects that have it at one place of an operation, in one call: one value, or Error, for each
 * object, in their order. The query plan calls it in place of the field's resolver, so both must say the same.
 * `info.path` is that of one of the objects.
 */
export type ResolveForAll<Source, Context, Args, Value = unknown> = (
  sources: readonly Source[],
  args: Args,
  context: Context,
  info: GraphQLResolveInfo,
) => ValuesOfAll<Value>;

type ValuesOfAll<Value> = readonly (Value | Error)[] | PromiseLike<readonly (Value | Error)[]>;

/** What a field has among its extensions, for `@Extensions`. */
export function forAll<Source, Context, Args>(resolve: ResolveForAll<Source, Context, Args>) {
  return { forAll: resolve };
}

/** Null: the field is resolved object by object. */
export function forAllOf<Context>({
  extensions,
}: Pick<GraphQLField<unknown, Context>, 'extensions'>): ResolveForAll<unknown, Context, unknown> | null {
  return typeof extensions.forAll === 'function'
    ? (extensions.forAll as ResolveForAll<unknown, Context, unknown>)
    : null;
}

/** The value of one object: what a field's resolver says by its resolver for all. */
export async function forOne<Source, Context, Args, Value>(
  resolve: ResolveForAll<Source, Context, Args, Value>,
  source: Source,
  args: Args,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<Value> {
  const [value] = await resolve([source], args, context, info);
  if (value === undefined) throw new Error('A field was not resolved.');
  if (value instanceof Error) throw value;
  return value;
}
