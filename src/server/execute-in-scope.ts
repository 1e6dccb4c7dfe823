import { type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql';
import type { OperationScope } from '../database/operation-scope.js';

/** Executes a query or mutation. If its time limit or its client ended it, the answer is that error alone. */
export async function executeInScope(args: ExecutionArgs, scope: OperationScope): Promise<ExecutionResult> {
  try {
    const result = await scope.run(() => execute(args));
    const { ended } = scope;
    if (ended === null || !result.errors?.some(({ originalError }) => originalError === ended)) return result;
    return { errors: [new GraphQLError(ended.message, { extensions: { code: ended.code } })] };
  } finally {
    scope.close();
  }
}
