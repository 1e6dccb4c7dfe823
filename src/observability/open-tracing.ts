import { setTimeout as delay } from 'node:timers/promises';
import {
  type Attributes,
  type Context,
  DiagLogLevel,
  defaultTextMapGetter,
  diag,
  SpanKind as OtelKind,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { TracesSettings } from './settings.js';
import type { OpenSpan, SpanKind, SpanOptions, Tracing } from './tracing.js';

/** How long a process that ends waits for its last spans to be sent. */
const closeWithinMs = 3_000;
/** A collector that is away fails each batch: the log says it so often at most. */
const warnEveryMs = 60_000;

const kinds: Readonly<Record<SpanKind, OtelKind>> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};

/**
 * Traces by OpenTelemetry’s SDK, which sends them in batches to the endpoint of the settings, and nowhere else. What
 * waits is bounded (`OTEL_BSP_MAX_QUEUE_SIZE`): spans beyond that are dropped. Nothing is patched, and no context is
 * kept besides those of the spans.
 *
 * @param warn told that spans could not be sent or were dropped
 */
export function openTracing(
  settings: TracesSettings,
  process: { readonly role: 'api' | 'worker'; readonly version: string },
  warn: (message: string) => void,
): Tracing {
  diag.setLogger(seldom(warn), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': `attune-${process.role}`, 'service.version': process.version }))
      // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(settings.sampler),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: settings.url }))],
  });
  const tracer = provider.getTracer('attune', process.version);
  const propagator = new W3CTraceContextPropagator();
  return {
    start(name, place, options = {}) {
      const parent =
        place === null ? ROOT_CONTEXT : propagator.extract(ROOT_CONTEXT, { ...place }, defaultTextMapGetter);
      return begin(tracer, name, parent, options);
    },
    async close() {
      const closing = provider.shutdown().catch((error: unknown) => warn(`Traces were not sent: ${String(error)}`));
      const waiting = new AbortController();
      const late = delay(closeWithinMs, 'late', { signal: waiting.signal }).catch(() => undefined);
      if ((await Promise.race([closing, late])) === 'late') warn('Traces: the last ones could not be sent in time');
      waiting.abort();
    },
  };
}

function begin(tracer: Tracer, name: string, parent: Context, options: SpanOptions): OpenSpan {
  const { kind = 'internal', attributes = {}, startedAt, linkedTo = null } = options;
  const span = tracer.startSpan(
    name,
    {
      kind: kinds[kind],
      attributes,
      ...(startedAt === undefined ? {} : { startTime: startedAt }),
      ...(linkedTo instanceof TracedSpan ? { links: [{ context: linkedTo.span.spanContext() }] } : {}),
    },
    parent,
  );
  // What is not recorded has no children.
  return new TracedSpan(tracer, span, span.isRecording() ? trace.setSpan(parent, span) : parent);
}

class TracedSpan implements OpenSpan {
  readonly isRecorded: boolean;

  constructor(
    private readonly tracer: Tracer,
    readonly span: Span,
    private readonly context: Context,
  ) {
    this.isRecorded = span.isRecording();
  }

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  get spanId(): string {
    return this.span.spanContext().spanId;
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.span.spanContext();
    return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0')}`;
  }

  child(name: string, options: SpanOptions = {}): OpenSpan {
    return this.isRecorded ? begin(this.tracer, name, this.context, options) : this;
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(attributes);
  }

  fail(reason: string): void {
    this.span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
    this.span.setAttribute('error.type', reason);
  }

  end(at?: number): void {
    this.span.end(at);
  }
}

function samplerOf({ kind, ratio }: TracesSettings['sampler']): Sampler {
  switch (kind) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
    default:
      return kind satisfies never;
  }
}

/** The SDK's own warnings, the first of each time alone: what went wrong, without the URL's or headers' secrets. */
function seldom(warn: (message: string) => void) {
  let quietUntil = 0;
  const tell = (message: string): void => {
    const now = performance.now();
    if (now < quietUntil) return;
    quietUntil = now + warnEveryMs;
    warn(`Traces: ${message.slice(0, 500)}`);
  };
  const nothing = (): void => undefined;
  return { error: tell, warn: tell, info: nothing, debug: nothing, verbose: nothing };
}
