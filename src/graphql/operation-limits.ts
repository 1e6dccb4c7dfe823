import {
  type DocumentNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
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
import { KnownWeights } from './known-weights.js';
import { measureShape, type OperationShape } from './operation-shape.js';
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
  /** The most values that an operation's variables may hold, at any depth. */
  readonly maxInputValues: number;
  readonly maxInputDepth: number;
  /** How many operations one HTTP request may hold; 1: no lists of operations. */
  readonly maxBatchSize: number;
}

export const operationLimits: OperationLimits = {
  maxComplexity: 10_000,
  maxDepth: 14,
  // The standard introspection query has depth 15.
  maxIntrospectionDepth: 20,
  maxAliases: 30,
  maxDirectives: 50,
  maxRepeatedFields: 50,
  maxTokens: 4_000,
  // 1,000 examples of 40 columns are appended at once.
  maxInputValues: 50_000,
  maxInputDepth: 32,
  maxBatchSize: 1,
};

/** Validation stops after this many errors, so that an answer can't be many times as long as the request. */
export const maxValidationErrors = 8;

interface Operation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The cost of an admitted operation, which rate limits count. */
export interface OperationWeight {
  readonly type: OperationTypeNode;
  readonly complexity: number;
  /** How many mutations the operation runs; 0 for a query. */
  readonly mutations: number;
}

/** Shapes live as long as the document of their operation. */
const shapes = new WeakMap<OperationDefinitionNode, OperationShape>();
/** By schema: weights of operations within no particular limit. */
const weights = new WeakMap<GraphQLSchema, KnownWeights<OperationWeight | GraphQLError>>();

/**
 * Checks the limits that need no schema. They come before validation, because the time of validation grows with the
 * square of the document's size. Returns the error to answer with; null: the operation is within the limits.
 */
export function checkShape(
  { document, operationName, variables }: Omit<Operation, 'schema'>,
  limits: OperationLimits = operationLimits,
): GraphQLError | null {
  const operation = getOperationAST(document, operationName ?? undefined);
  if (operation == null) return null;
  const shape = shapes.get(operation) ?? measureShape(document, operation);
  shapes.set(operation, shape);
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
 * Checks the cost of an operation against the limits before anything is executed. The document is valid. Returns the
 * operation's weight, or the error to answer with; null: the document has no such operation. Needs the variables,
 * because `first` or `last` often is one.
 */
export function weighOperation(
  operation: Operation,
  limits: OperationLimits = operationLimits,
): OperationWeight | GraphQLError | null {
  const node = getOperationAST(operation.document, operation.operationName ?? undefined);
  if (node == null) return null;
  const refused = checkShape(operation, limits) ?? refuseUnstorableText(operation.document, operation.variables);
  if (refused !== null) return refused;
  const known = weights.get(operation.schema) ?? new KnownWeights();
  weights.set(operation.schema, known);
  const isKept = (weight: OperationWeight | GraphQLError): boolean => !(weight instanceof GraphQLError);
  const weight = known.get(node, operation.variables, () => weigh(operation, node), isKept);
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
    // A page that is too large, or a variable of the wrong type, which the execution would report too.
    if (error instanceof GraphQLError) return badInput(faultOfVariables(operation, node) ?? error);
    throw error;
  }
}

/** As graphql-js says that an input object has a field that its type has not; names that are near come after it. */
const unknownField = / Field ".+" is not defined by type /;

/**
 * The fault of the variables to tell: an unknown field before all others; null: there is none. Of a field whose name is
 * misspelt, graphql-js also says that a required field, or the one key of an object that takes exactly one, is missing.
 * The error of the complexity is the last of all, which would hide the name.
 */
function faultOfVariables(
  { schema, variables }: Operation,
  { variableDefinitions }: OperationDefinitionNode,
): GraphQLError | null {
  const limit = { maxErrors: maxValidationErrors };
  const { errors } = getVariableValues(schema, variableDefinitions ?? [], { ...variables }, limit);
  return errors?.find(({ message }) => unknownField.test(message)) ?? errors?.[0] ?? null;
}

/** graphql-js sets no code on faults of variables. */
function badInput({ message, nodes, extensions }: GraphQLError): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 }, ...extensions },
  });
}

/** Refuses a page beyond its limit before anything is read. Throws a GraphQL error BAD_USER_INPUT. */
const checkPageSize: ComplexityEstimator = ({ args, field, node }) => {
  const sizes = args as { readonly first?: unknown; readonly last?: unknown };
  try {
    for (const name of ['first', 'last'] as const) {
      const size = sizes[name];
      if (typeof size === 'number') checkRange(name, size, 1, maxPageSizeOf(field));
    }
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new GraphQLError(error.message, { nodes: [node], extensions: error.extensions });
  }
};

/** The most that a field's `first` may ask for: the general limit, unless the field declares its own. */
function maxPageSizeOf(field: GraphQLField<unknown, unknown>): number {
  const declared = field.extensions.maxPageSize;
  return typeof declared === 'number' ? declared : maxPageSize;
}

/** An argument outside its range must not give a field a negative cost that offsets others. */
function atLeastOne(estimator: ComplexityEstimator): ComplexityEstimator {
  return (args) => {
    const complexity = estimator(args);
    return typeof complexity === 'number' ? Math.max(1, complexity) : complexity;
  };
}

/** The operations of one request together cost more than one operation may. */
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
