import {
  type DocumentNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  type OperationTypeNode,
} from 'graphql';
import {
  type ComplexityEstimator,
  fieldExtensionsEstimator,
  getComplexity,
  simpleEstimator,
} from 'graphql-query-complexity';
import { checkRange } from './check-range.js';
import { measureInput } from './input-size.js';
import { measureShape } from './operation-shape.js';
import { maxPageSize } from './page-size.js';
import { refuseUnstorableText } from './unstorable-text.js';

export interface OperationLimits {
  readonly maxComplexity: number;
  readonly maxDepth: number;
  readonly maxIntrospectionDepth: number;
  readonly maxAliases: number;
  readonly maxDirectives: number;
  readonly maxRepeatedFields: number;
  readonly maxTokens: number;
  /** Values in the variables of an operation, however deep. */
  readonly maxInputValues: number;
  readonly maxInputDepth: number;
  /** Operations in one HTTP request; 1: no lists of operations. */
  readonly maxBatchSize: number;
}

export const operationLimits: OperationLimits = {
  maxComplexity: 10_000,
  maxDepth: 14,
  // The standard introspection query is 15 deep.
  maxIntrospectionDepth: 20,
  maxAliases: 30,
  maxDirectives: 50,
  maxRepeatedFields: 50,
  maxTokens: 4_000,
  maxInputValues: 10_000,
  maxInputDepth: 32,
  maxBatchSize: 1,
};

/** Validation stops after so many errors: an answer is not to be many times as long as its question. */
export const maxValidationErrors = 8;

interface Operation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** What an admitted operation will cost: what rate limits count. */
export interface OperationWeight {
  readonly type: OperationTypeNode;
  readonly complexity: number;
  /** How many mutations it does; 0 for a query. */
  readonly mutations: number;
}

/**
 * The limits that need no schema, so that they can be checked before a document is validated, which takes time that grows with the square
 * of its size. Returns the error to answer with, null when it is within the limits.
 */
export function checkShape(
  { document, operationName, variables }: Omit<Operation, 'schema'>,
  limits: OperationLimits = operationLimits,
): GraphQLError | null {
  const operation = getOperationAST(document, operationName ?? undefined);
  if (operation == null) return null;
  const shape = measureShape(document, operation);
  const input = measureInput(variables, { values: limits.maxInputValues, depth: limits.maxInputDepth });
  const measures: readonly (readonly [string, number, number])[] = [
    ['depth', shape.depth, limits.maxDepth],
    ['depth of introspection', shape.introspectionDepth, limits.maxIntrospectionDepth],
    ['number of aliases', shape.aliases, limits.maxAliases],
    ['number of directives', shape.directives, limits.maxDirectives],
    ['number of repeated fields', shape.repeatedFields, limits.maxRepeatedFields],
    ['number of values in variables', input.values, limits.maxInputValues],
    ['depth of variables', input.depth, limits.maxInputDepth],
  ];
  const passed = measures.find(([, actual, limit]) => actual > limit);
  return passed === undefined ? null : beyond(...passed);
}

/**
 * What an operation would cost, held against the limits, before any of it is executed. The document is valid. Returns its weight, or the
 * error to answer with; null where the document has no such operation. It needs the variables: `first` is often one.
 */
export function weighOperation(
  operation: Operation,
  limits: OperationLimits = operationLimits,
): OperationWeight | GraphQLError | null {
  const node = getOperationAST(operation.document, operation.operationName ?? undefined);
  if (node == null) return null;
  const refused = checkShape(operation, limits) ?? refuseUnstorableText(operation.document, operation.variables);
  if (refused !== null) return refused;
  const weight = weigh(operation, node);
  if (weight instanceof GraphQLError || weight.complexity <= limits.maxComplexity) return weight;
  return beyond('complexity', weight.complexity, limits.maxComplexity);
}

function weigh(operation: Operation, node: OperationDefinitionNode): OperationWeight | GraphQLError {
  const { schema, document, variables } = operation;
  const name = node.name?.value;
  const mutation = schema.getMutationType();
  let mutations = 0;
  const countMutations: ComplexityEstimator = ({ type }) => {
    if (type === mutation) mutations++;
  };
  try {
    const complexity = getComplexity({
      schema,
      query: document,
      variables: { ...variables },
      ...(name === undefined ? {} : { operationName: name }),
      estimators: [
        countMutations,
        checkPageSize,
        atLeastOne(fieldExtensionsEstimator()),
        simpleEstimator({ defaultComplexity: 1 }),
      ],
    });
    return { type: node.operation, complexity, mutations };
  } catch (error) {
    // A page that is too large, or a variable of the wrong type: the execution would say the same.
    if (error instanceof GraphQLError) return badInput(error);
    throw error;
  }
}

/** graphql-js gives faults of variables no code. */
function badInput({ message, nodes, extensions }: GraphQLError): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 }, ...extensions },
  });
}

/** A page beyond its limit is refused here, before anything is read. Throws a GraphQL error BAD_USER_INPUT. */
const checkPageSize: ComplexityEstimator = ({ args, field, node }) => {
  const { first } = args as { readonly first?: unknown };
  if (typeof first !== 'number') return;
  try {
    checkRange('first', first, 1, maxPageSizeOf(field));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new GraphQLError(error.message, { nodes: [node], extensions: error.extensions });
  }
};

/** Most that a field's `first` may ask for: that of all pages, unless the field declares its own. */
function maxPageSizeOf(field: GraphQLField<unknown, unknown>): number {
  const declared = field.extensions.maxPageSize;
  return typeof declared === 'number' ? declared : maxPageSize;
}

/** An argument that is out of its range must not make one field pay for others. */
function atLeastOne(estimator: ComplexityEstimator): ComplexityEstimator {
  return (args) => {
    const complexity = estimator(args);
    return typeof complexity === 'number' ? Math.max(1, complexity) : complexity;
  };
}

/** Operations of one request cost more together than one may. */
export function overBudget(complexity: number, limit: number): GraphQLError {
  return beyond('complexity, with those before it in the request,', complexity, limit);
}

function beyond(what: string, actual: number, limit: number): GraphQLError {
  return new GraphQLError(
    `The operation's ${what} is ${actual}; the limit is ${limit}. Ask for less, in several operations.`,
    {
      extensions: { code: 'OPERATION_TOO_COSTLY', measure: what, actual, limit, http: { status: 400 } },
    },
  );
}
