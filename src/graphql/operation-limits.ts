import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { fieldExtensionsEstimator, getComplexity, simpleEstimator } from 'graphql-query-complexity';

export const operationLimits = {
  maxComplexity: 10_000,
  maxDepth: 14,
  maxAliases: 30,
  maxTokens: 4_000,
} as const;

interface Operation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * What an operation would cost, held against the limits, before any of it is executed. The document is valid. Returns the error to answer
 * with, null when it may run. It needs the variables: `first` is often one.
 */
export function checkOperationLimits({ schema, document, operationName, variables }: Operation): GraphQLError | null {
  const operation = getOperationAST(document, operationName ?? undefined);
  if (operation == null) return null;
  const { depth, aliases } = measureShape(operation.selectionSet, fragmentsOf(document));
  if (depth > operationLimits.maxDepth) return beyond('depth', depth, operationLimits.maxDepth);
  if (aliases > operationLimits.maxAliases) return beyond('number of aliases', aliases, operationLimits.maxAliases);
  const complexity = complexityOf(schema, document, operationName, variables);
  if (complexity instanceof GraphQLError) return complexity;
  if (complexity <= operationLimits.maxComplexity) return null;
  return beyond('complexity', complexity, operationLimits.maxComplexity);
}

function complexityOf(
  schema: GraphQLSchema,
  query: DocumentNode,
  operationName: string | null | undefined,
  variables: Operation['variables'],
): number | GraphQLError {
  try {
    return getComplexity({
      schema,
      query,
      variables: { ...variables },
      ...(operationName == null ? {} : { operationName }),
      estimators: [fieldExtensionsEstimator(), simpleEstimator({ defaultComplexity: 1 })],
    });
  } catch (error) {
    // A variable of the wrong type: the execution would say the same.
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

function beyond(what: string, actual: number, limit: number): GraphQLError {
  return new GraphQLError(
    `The operation's ${what} is ${actual}; the limit is ${limit}. Ask for less, in several operations.`,
    {
      extensions: { code: 'OPERATION_TOO_COSTLY', measure: what, actual, limit, http: { status: 400 } },
    },
  );
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function fragmentsOf(document: DocumentNode): Fragments {
  return new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
}

interface Shape {
  readonly depth: number;
  readonly aliases: number;
}

/**
 * Nesting of fields, and aliases counted as often as fragments repeat them. Introspection does not count: its own query is deep,
 * and its cost is bounded by the schema. Each fragment is measured once, or spreads in spreads would take exponential time.
 */
function measureShape(
  selectionSet: SelectionSetNode,
  fragments: Fragments,
  measured = new Map<string, Shape>(),
): Shape {
  let depth = 0;
  let aliases = 0;
  for (const selection of selectionSet.selections) {
    const shape = shapeOf(selection, fragments, measured);
    depth = Math.max(depth, shape.depth);
    aliases += shape.aliases;
  }
  return { depth, aliases };
}

function shapeOf(
  selection: SelectionSetNode['selections'][number],
  fragments: Fragments,
  measured: Map<string, Shape>,
): Shape {
  switch (selection.kind) {
    case Kind.FIELD: {
      const alias = selection.alias === undefined ? 0 : 1;
      if (selection.name.value.startsWith('__')) return { depth: 0, aliases: alias };
      if (selection.selectionSet === undefined) return { depth: 1, aliases: alias };
      const inner = measureShape(selection.selectionSet, fragments, measured);
      return { depth: inner.depth + 1, aliases: inner.aliases + alias };
    }
    case Kind.INLINE_FRAGMENT:
      return measureShape(selection.selectionSet, fragments, measured);
    case Kind.FRAGMENT_SPREAD: {
      const name = selection.name.value;
      const known = measured.get(name);
      if (known !== undefined) return known;
      const fragment = fragments.get(name);
      const shape =
        fragment === undefined ? { depth: 0, aliases: 0 } : measureShape(fragment.selectionSet, fragments, measured);
      measured.set(name, shape);
      return shape;
    }
    default:
      return selection satisfies never;
  }
}
