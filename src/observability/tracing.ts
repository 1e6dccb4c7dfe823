import type { Attributes } from '@opentelemetry/api';

/** What a span is to those beside it: it answers (server), asks (client), queues a job (producer) or takes one. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** Where a span belongs, as a client or the queue names it: W3C’s headers `traceparent` and `tracestate`. */
export interface RemotePlace {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
}

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** Milliseconds of `performance.now()`; by default this moment. */
  readonly startedAt?: number;
  /** A span of another part of the trace, or of another trace, that this one has to do with. */
  readonly linkedTo?: OpenSpan | null;
}

/** A span that has begun. Attributes have names, codes and ids, and never a text or a value of somebody's. */
export interface OpenSpan {
  /** Whether it is recorded: one that is not has no children that are. */
  readonly isRecorded: boolean;
  readonly traceId: string;
  readonly spanId: string;
  /** For the header `traceparent`, by which others say that they belong to this span. */
  readonly traceparent: string;
  child(name: string, options?: SpanOptions): OpenSpan;
  /** Another name, where the right one is known later. */
  rename(name: string): void;
  set(attributes: Attributes): void;
  /** Marks what the span stands for as failed. */
  fail(reason: string): void;
  /** @param at milliseconds of `performance.now()`; by default this moment */
  end(at?: number): void;
}

/** The traces of one process. */
export interface Tracing {
  /** Begins a span within another process's one, where its place is well formed; else a trace of its own. */
  start(name: string, place: RemotePlace | null, options?: SpanOptions): OpenSpan;
  /** Sends what has ended. Resolves within a deadline, whether it could be sent or not. */
  close(): Promise<void>;
}

/** The most statements of one request that become spans: an import has as many as it has files. */
const maxStatements = 200;

/** Where the spans of a request belong. */
export class TracedRequest {
  /** Statements and jobs belong to the operation; where several run at a time, to the request of all. */
  current: OpenSpan | null;
  private running = 0;
  private statements = 0;

  /**
   * @param span of the HTTP request; null: none, because the request is an operation of a WebSocket
   * @param begin begins the span of an operation
   */
  constructor(
    private readonly span: OpenSpan | null,
    private readonly begin: (name: string, attributes: Attributes) => OpenSpan,
  ) {
    this.current = span;
  }

  /** Begins the span of an operation. `over` ends it as the place of statements. */
  beginOperation(name: string, attributes: Attributes): { readonly span: OpenSpan; readonly over: () => void } {
    const span = this.begin(name, attributes);
    this.running += 1;
    this.current = this.running === 1 ? span : this.span;
    return {
      span,
      over: () => {
        this.running -= 1;
        if (this.current === span) this.current = this.span;
      },
    };
  }

  /** Begins the span of a statement; null: it has none. */
  beginStatement(name: string, attributes: Attributes): OpenSpan | null {
    const { current } = this;
    if (current === null || !current.isRecorded || this.statements >= maxStatements) return null;
    this.statements += 1;
    return current.child(name, { kind: 'client', attributes });
  }
}
