import { z } from 'zod';
import { EnvironmentError, type Variable } from '../protocol/environment.js';

/** How a process shows what it does to those who run it. */
export interface ObservabilitySettings {
  /** Null: no metrics are kept or served. */
  readonly metrics: MetricsAddress | null;
  /** Null: no traces are made, and nobody is spoken to. */
  readonly traces: TraceSettings | null;
}

export interface MetricsAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** What a scrape sends as `Authorization: Bearer …`; null: nothing, on a loopback address only. */
  readonly token: string | null;
}

export interface TraceSettings {
  /** Where OTLP is taken by HTTP, e.g. http://127.0.0.1:4318; `/v1/traces` is appended. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The part of the traces that begin here which is recorded, from 0 to 1. A caller's decision is followed. */
  readonly ratio: number;
}

const headerPair = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*=[\x20-\x7e]+$/;
const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** Variables that API and worker read alike. */
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
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: z
      .string()
      .regex(/^https?:\/\/[^/\s@]+(\/\S*)?$/)
      .optional(),
    allowed: 'the http(s) URL of an OpenTelemetry collector, such as http://127.0.0.1:4318; leave it out for no traces',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    schema: z
      .string()
      .default('')
      .transform((text) => text.split(',').filter((pair) => pair.trim() !== ''))
      .refine((pairs) => pairs.every((pair) => headerPair.test(pair.trim()))),
    allowed: 'headers for the collector, as name=value,name=value',
    secret: true,
  },
  ATTUNE_TRACE_RATIO: {
    schema: z
      .string()
      .regex(/^(0(\.\d+)?|1(\.0+)?)$/)
      .transform(Number)
      .prefault('1'),
    allowed: 'a number from 0 to 1: the part of traces that is recorded (default 1)',
  },
} as const satisfies Readonly<Record<string, Variable<unknown>>>;

type Read = {
  readonly [Name in keyof typeof observabilityVariables]: z.output<(typeof observabilityVariables)[Name]['schema']>;
};

/** Throws EnvironmentError where metrics would be open to a network. */
export function observabilitySettings(read: Read): ObservabilitySettings {
  const { ATTUNE_METRICS_PORT: port, ATTUNE_METRICS_HOST: host, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = read;
  const token = read.ATTUNE_METRICS_TOKEN ?? null;
  if (port !== undefined && token === null && !loopback.test(host)) {
    const allowed = `a token that scrapes send, because ATTUNE_METRICS_HOST=${host} is no loopback address`;
    throw new EnvironmentError([{ name: 'ATTUNE_METRICS_TOKEN', value: '', allowed }]);
  }
  const headers = read.OTEL_EXPORTER_OTLP_HEADERS.map((pair) => pair.trim().split(/=(.*)/s, 2) as [string, string]);
  return {
    metrics: port === undefined ? null : { host, port, token },
    traces:
      endpoint === undefined
        ? null
        : {
            endpoint: endpoint.replace(/\/+$/, ''),
            // Values are percent-encoded, as OpenTelemetry has it.
            headers: Object.fromEntries(headers.map(([name, value]) => [name.trim(), decoded(value.trim())])),
            ratio: read.ATTUNE_TRACE_RATIO,
          },
  };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
