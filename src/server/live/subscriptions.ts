import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, type GraphQLError } from 'graphql';
import { toBatched } from '../../events/batched.js';
import type { StartedOperation } from '../../observability/operation-observer.js';
import { type Delivery, deliver, type Sink } from './delivery.js';
import type { AnswerOf, SharedAnswers } from './shared-answers.js';

/** A subscription that has begun: its events go to where its client reads. */
export interface Begun {
  deliverTo(sink: Sink): Delivery;
  /** Ends a subscription that is delivered nowhere. */
  end(): Promise<void>;
}

/** Begins a subscription, or says why it does not. Takes the context out of `args`, which may be kept as long. */
export async function beginSubscription(
  args: ExecutionArgs,
  answers: SharedAnswers,
  observed: StartedOperation | null = null,
): Promise<Begun | { readonly errors: readonly GraphQLError[] }> {
  const answerOf = told(answers.for(args), observed);
  const events = (await createSourceEventStream(args)) as AsyncIterable<unknown> | ExecutionResult;
  // A context has a hundred loaders, and the subscription lasts.
  Object.assign(args, { contextValue: null });
  if (!(Symbol.asyncIterator in events)) return { errors: events.errors ?? [] };
  observed?.subscribed?.();
  const feed = toBatched(events);
  return { deliverTo: (sink) => deliver(feed, answerOf, sink), end: () => feed.end() };
}

/** Tells an observer that wants to know of each event that is answered. */
function told(answerOf: AnswerOf, observed: StartedOperation | null): AnswerOf {
  if (observed?.telling === undefined) return answerOf;
  return (event) => {
    const answer = answerOf(event);
    observed.telling?.(event, answer);
    return answer;
  };
}

/**
 * A subscription as the library that speaks the protocol wants it: a generator that gives nothing, since the answers go
 * past it, and ends or fails as the subscription does.
 */
export function asGenerator(begun: Begun, sink: Sink): AsyncGenerator<ExecutionResult, void, undefined> {
  let delivery: Delivery | null = null;
  const end = (): Promise<void> => (delivery ?? begun).end();
  return {
    async next() {
      delivery ??= begun.deliverTo(sink);
      await delivery.done;
      return { done: true, value: undefined };
    },
    async return() {
      await end();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: end,
  };
}
