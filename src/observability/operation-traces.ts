import type { OperationObserver, StartedOperation } from './operation-observer.js';
import type { OpenSpan } from './tracing.js';

const maxNameLength = 64;
const maxCodes = 10;

/** Told of each event that a subscription answers, with the span in which the subscription began. */
export type OnTelling = (told: {
  readonly field: string;
  readonly event: unknown;
  readonly answer: unknown;
  readonly subscription: OpenSpan;
  readonly requestId: string;
}) => void;

const untraced: StartedOperation = { resolved() {}, failed() {}, ended() {} };

/**
 * A span for each operation: its name, type and the codes of its errors. That of a subscription ends when it has begun,
 * because it may last for days.
 * @param telling makes what is told of a new subscription's events
 */
export function operationTraces(telling: () => OnTelling): OperationObserver {
  return {
    started(transport, { id: requestId, operationId, traced }) {
      // What is not kept of a request is not made; a subscription's events may be of a trace that is.
      if (traced === null || (transport === 'http' && traced.current?.isRecorded !== true)) return untraced;
      const { span, over } = traced.beginOperation('GraphQL operation', {
        'attune.transport': transport,
        'attune.request.id': requestId,
        ...(operationId === null ? {} : { 'attune.operation.id': operationId }),
      });
      let isOver = false;
      let field = '';
      let onTelling: OnTelling | null = null;
      const end = (): void => {
        if (isOver) return;
        isOver = true;
        over();
        span.end();
      };
      return {
        resolved({ type, name, subscribes }) {
          const given = name?.slice(0, maxNameLength) ?? null;
          field = subscribes ?? '';
          span.rename(given === null ? type : `${type} ${given}`);
          span.set({
            'graphql.operation.type': type,
            ...(given === null ? {} : { 'graphql.operation.name': given }),
            ...(subscribes === null ? {} : { 'attune.subscription.field': subscribes }),
          });
        },
        failed(codes) {
          const [first] = codes;
          if (first === undefined || isOver) return;
          span.fail(first);
          span.set({ 'attune.error.codes': codes.slice(0, maxCodes) });
        },
        subscribed: end,
        telling(event, answer) {
          onTelling ??= telling();
          onTelling({ field, event, answer, subscription: span, requestId });
        },
        ended: end,
      };
    },
  };
}
