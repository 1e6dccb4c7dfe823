import type { StartedOperation } from '../../observability/operation-observer.js';
import type { Sink } from './delivery.js';
import { errorCodesOf } from './shared-answers.js';

/**
 * A sink whose answers' errors an observer is told of as they are written: an answer is made once, and told to each
 * subscriber. Without an observer it is the sink itself.
 */
export function observedSink(sink: Sink, observed: StartedOperation | null): Sink {
  if (observed === null) return sink;
  return {
    ...sink,
    write(answers) {
      for (const answer of answers) {
        const codes = errorCodesOf(answer);
        if (codes.length > 0) observed.failed(codes);
      }
      sink.write(answers);
    },
  };
}
