import { z } from 'zod';
import { EnvironmentError, type Variable } from '../protocol/environment.js';

/** How a process shows what it does to those who run it. */
export interface ObservabilitySettings {
  /** Null: no metrics are kept or served. */
  readonly metrics: MetricsAddress | null;
  /** Null: there are no traces, and nothing of OpenTelemetry is loaded. */
  readonly traces: TracesSettings | null;
}

export interface TracesSettings {
  /** Where spans are sent to, as OTLP in JSON. */
  readonly url: string;
  readonly sampler: { readonly kind: (typeof samplers)[number]; readonly ratio: number };
}

/** OpenTelemetry’s names of the ways to choose which traces are kept. */
const samplers = [
  ...(['always_on', 'always_off', 'traceidratio'] as const),
  ...(['parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const),
] as const;

/** What is kept of the traces that begin here, where no setting says more: the cost is below what can be measured. */
const defaultRatio = 0.1;
/** A collector on this machine, as OpenTelemetry’s specification has it. */
const defaultEndpoint = 'http://localhost:4318';

export interface MetricsAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** What a scrape sends as `Authorization: Bearer …`; null: nothing, on a loopback address only. */
  readonly token: string | null;
}

const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** The URL may hold a password. */
const collectorUrl = z
  .string()
  .regex(/^https?:\/\/\S+$/)
  .refine((text) => URL.canParse(text))
  .optional();
const protocol = {
  schema: z.literal('http/json').optional(),
  allowed: 'http/json, the only one here; collectors take it at the port of http/protobuf, 4318',
} as const;

/** Variables that API and worker read alike. Those of traces are OpenTelemetry’s own. */
export const observabilityVariables = {
  ATTUNE_METRICS_PORT: {
    schema: z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number)
      .pipe(z.number().max(65_535))
      .optional(),
    allowed: 'a port from 0 to 65535 that Prometheus may scrape; leave it out for no metrics',
  },
  ATTUNE_METRICS_HOST: {
    schema: z.string().regex(/^\S+$/).default('127.0.0.1'),
    allowed: 'an address to serve metrics on (default 127.0.0.1)',
  },
  ATTUNE_METRICS_TOKEN: {
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{16,}$/)
      .optional(),
    allowed: 'at least 16 visible ASCII characters, which a scrape sends as a bearer token',
    secret: true,
  },
  OTEL_SDK_DISABLED: { schema: z.string().default('false'), allowed: 'true or false (default false)' },
  OTEL_TRACES_EXPORTER: {
    schema: z.enum(['otlp', 'none']).optional(),
    allowed: 'otlp or none; leave it out for otlp where an endpoint is set',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: collectorUrl,
    allowed: 'the http(s) URL of an OTLP collector such as http://localhost:4318; leave it out for no traces',
    secret: true,
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    schema: collectorUrl,
    allowed: 'the whole http(s) URL that traces are sent to, such as http://localhost:4318/v1/traces',
    secret: true,
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_TRACES_SAMPLER: { schema: z.enum(samplers).optional(), allowed: `one of ${samplers.join(', ')}` },
  OTEL_TRACES_SAMPLER_ARG: {
    schema: z
      .string()
      .regex(/^(0|1|[01]?\.\d+)$/)
      .transform(Number)
      .pipe(z.number().max(1))
      .optional(),
    allowed: 'a part of all traces from 0 to 1',
  },
} as const satisfies Readonly<Record<string, Variable<unknown>>>;

type Read = {
  readonly [Name in keyof typeof observabilityVariables]: z.output<(typeof observabilityVariables)[Name]['schema']>;
};

/**
 * @param workers how many workers take the ports after the process's own
 * @throws EnvironmentError where metrics would be open to a network, or a worker has no port
 */
export function observabilitySettings(read: Read, workers = 0): ObservabilitySettings {
  const { ATTUNE_METRICS_PORT: port, ATTUNE_METRICS_HOST: host } = read;
  const token = read.ATTUNE_METRICS_TOKEN ?? null;
  if (port !== undefined && token === null && !loopback.test(host)) {
    const allowed = `a token that scrapes send, because ATTUNE_METRICS_HOST=${host} is no loopback address`;
    throw new EnvironmentError([{ name: 'ATTUNE_METRICS_TOKEN', value: '', allowed }]);
  }
  const last = 65_535 - workers;
  if (port !== undefined && port > last) {
    const allowed = `0, or a port up to ${last}, so that each of the ${workers} workers has one after it`;
    throw new EnvironmentError([{ name: 'ATTUNE_METRICS_PORT', value: String(port), allowed }]);
  }
  return { metrics: port === undefined ? null : { host, port, token }, traces: tracesSettings(read) };
}

function tracesSettings(read: Read): TracesSettings | null {
  const { OTEL_TRACES_EXPORTER: exporter, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = read;
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole, OTEL_TRACES_SAMPLER: sampler } = read;
  if (read.OTEL_SDK_DISABLED.toLowerCase() === 'true' || exporter === 'none') return null;
  if (exporter === undefined && endpoint === undefined && whole === undefined) return null;
  const ratio = read.OTEL_TRACES_SAMPLER_ARG;
  return {
    url: whole ?? `${(endpoint ?? defaultEndpoint).replace(/\/+$/, '')}/v1/traces`,
    sampler:
      sampler === undefined
        ? { kind: 'parentbased_traceidratio', ratio: ratio ?? defaultRatio }
        : { kind: sampler, ratio: ratio ?? 1 },
  };
}
