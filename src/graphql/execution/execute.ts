import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  getVariableValues,
  OperationTypeNode,
} from 'graphql';
import { type OperationPlan, planOperation } from './plan.js';
import { Run } from './run.js';

/** As many errors of variables as graphql-js tells. */
const maxVariableErrors = 50;

/** Plans live as long as the document that they are of, which the cache of parsed documents keeps. */
const plans = new WeakMap<DocumentNode, Map<string, OperationPlan | null>>();

/**
 * Executes a query as graphql-js does, by a plan that is made once for a document. A mutation, whose fields run one
 * after the other, what can't be planned, and variables that make a condition null are left to graphql-js. A document
 * that stays the same must be the same object.
 */
export function executeByPlan(args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
  const { schema, document, operationName, rootValue, contextValue, variableValues } = args;
  const plan = planOf(schema, document, operationName);
  if (plan === null) return execute(args);
  const coerced = getVariableValues(schema, plan.operation.variableDefinitions ?? [], variableValues ?? {}, {
    maxErrors: maxVariableErrors,
  });
  if (coerced.errors !== undefined) return { errors: coerced.errors };
  const root = plan.rootFor(coerced.coerced);
  if (root === null) return execute(args);
  return new Run(plan, rootValue, contextValue, coerced.coerced).answer(root);
}

function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): OperationPlan | null {
  const known = plans.get(document) ?? new Map<string, OperationPlan | null>();
  plans.set(document, known);
  const key = operationName ?? '';
  const found = known.get(key);
  if (found !== undefined && (found === null || found.schema === schema)) return found;
  const planned = planOperation(schema, document, operationName);
  // Clients can make up any number of names that a document has not.
  if (planned === null) return null;
  const plan = planned.operation.operation === OperationTypeNode.MUTATION ? null : planned;
  known.set(key, plan);
  return plan;
}
