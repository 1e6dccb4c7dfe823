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
  return new SilentGenerator(begun, sink);
}

class SilentGenerator implements AsyncGenerator<ExecutionResult, void, undefined> {
  private delivery: Delivery | null = null;

  constructor(
    private readonly begun: Begun,
    private readonly sink: Sink,
  ) {}

  async next(): Promise<IteratorReturnResult<void>> {
    this.delivery ??= this.begun.deliverTo(this.sink);
    await this.delivery.done;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorReturnResult<void>> {
    await this.end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<never> {
    await this.end();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  private end(): Promise<void> {
    return (this.delivery ?? this.begun).end();
  }
}
