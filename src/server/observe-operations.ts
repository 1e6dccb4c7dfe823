import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLFormattedError, OperationDefinitionNode } from 'graphql';
import type { GraphQLContext } from '../access/context.js';
import { currentScope } from '../database/operation-scope.js';
import type { OperationObserver, ResolvedOperation } from '../observability/operation-observer.js';
import { openRequest } from '../observability/request-context.js';
import { begunOperation } from './begun-operations.js';

/** An Apollo plugin that tells an observer of the operations over HTTP. */
export function observeOperations(observer: OperationObserver): ApolloServerPlugin<GraphQLContext> {
  return {
    async requestDidStart() {
      const begun = begunOperation()?.observed ?? null;
      const observed = begun ?? observer.started('http', currentScope()?.request ?? openRequest(null));
      return {
        async didResolveOperation({ operation }) {
          if (operation != null && begun === null) observed.resolved(resolvedOperation(operation));
        },
        async willSendResponse({ response: { body } }) {
          if (body.kind === 'single') observed.failed(codesOf(body.singleResult.errors ?? []));
          observed.ended();
        },
      };
    },
  };
}

/** What an operation is, for its observer. */
export function resolvedOperation(operation: OperationDefinitionNode | null | undefined): ResolvedOperation {
  const [selection] = operation?.selectionSet.selections ?? [];
  const type = operation?.operation ?? 'query';
  return {
    type,
    name: operation?.name?.value ?? null,
    subscribes: type !== 'subscription' ? null : selection?.kind === 'Field' ? selection.name.value : 'fragment',
  };
}

export function codesOf(errors: readonly Pick<GraphQLFormattedError, 'extensions'>[]): string[] {
  return errors.map(({ extensions }) => (typeof extensions?.code === 'string' ? extensions.code : 'UNKNOWN'));
}
