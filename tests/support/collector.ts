import { z } from 'zod';
import { startReceiver } from './receiver.js';

const value = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.number(), z.string()]).optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
  arrayValue: z.object({ values: z.array(z.unknown()) }).optional(),
});
const attributes = z.array(z.object({ key: z.string(), value })).default([]);
const span = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes,
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
  status: z.object({ code: z.number().optional(), message: z.string().optional() }).default({}),
});
/** What OTLP sends of traces, as JSON (opentelemetry-proto, ExportTraceServiceRequest). */
const exported = z.object({
  resourceSpans: z.array(
    z.object({ resource: z.object({ attributes }), scopeSpans: z.array(z.object({ spans: z.array(span) })) }),
  ),
});

/** A span that came, with the service that sent it. */
export interface ReceivedSpan extends Omit<z.output<typeof span>, 'attributes'> {
  readonly service: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A collector of traces, as OpenTelemetry’s protocol over HTTP wants it. */
export interface Collector extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  spans(): readonly ReceivedSpan[];
  /** All bodies as they came, as one text. */
  text(): string;
}

export async function startCollector(): Promise<Collector> {
  const receiver = await startReceiver((response, { path }) => {
    response.writeHead(path === '/v1/traces' ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
  });
  return {
    endpoint: new URL(receiver.url).origin,
    text: () => receiver.received.map(({ body }) => body).join('\n'),
    spans: () =>
      receiver.received.flatMap(({ body }) =>
        exported.parse(JSON.parse(body)).resourceSpans.flatMap(({ resource, scopeSpans }) => {
          const service = String(valuesOf(resource.attributes)['service.name']);
          return scopeSpans
            .flatMap(({ spans }) => spans)
            .map((each) => ({ ...each, service, attributes: valuesOf(each.attributes) }));
        }),
      ),
    [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose](),
  };
}

function valuesOf(given: z.output<typeof attributes>): Record<string, unknown> {
  return Object.fromEntries(given.map(({ key, value }) => [key, Object.values(value)[0]]));
}
