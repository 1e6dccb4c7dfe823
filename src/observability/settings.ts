import { z } from 'zod';
import { EnvironmentError, type Variable } from '../protocol/environment.js';

/** How a process shows what it does to those who run it. */
export interface ObservabilitySettings {
  /** Null: no metrics are kept or served. */
  readonly metrics: MetricsAddress | null;
}

export interface MetricsAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** What a scrape sends as `Authorization: Bearer …`; null: nothing, on a loopback address only. */
  readonly token: string | null;
}

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
  return { metrics: port === undefined ? null : { host, port, token } };
}
