import { expect, test } from 'vitest';
import { metricsSettingsOf } from '../../../src/app/observe-api.js';
import { readEnv } from '../../../src/env.js';
import { observabilitySettings, observabilityVariables } from '../../../src/observability/settings.js';
import { EnvironmentError, readVariables } from '../../../src/protocol/environment.js';

const read = (source: Record<string, string>) => observabilitySettings(readVariables(observabilityVariables, source));

test('by default a process keeps no metrics', () => {
  expect(read({})).toEqual({ metrics: null, traces: null });
});

test('metrics have a port of their own, on a loopback address unless a token guards them', () => {
  expect(read({ ATTUNE_METRICS_PORT: '9464' }).metrics).toEqual({ host: '127.0.0.1', port: 9464, token: null });
  const open = { ATTUNE_METRICS_PORT: '9464', ATTUNE_METRICS_HOST: '0.0.0.0' };
  expect(() => read(open)).toThrow('ATTUNE_METRICS_TOKEN is not set: use a token that scrapes send');
  const token = 'a-token-of-some-length';
  expect(read({ ...open, ATTUNE_METRICS_TOKEN: token }).metrics).toEqual({ host: '0.0.0.0', port: 9464, token });
});

test.each([
  ['ATTUNE_METRICS_PORT', '70000'],
  ['ATTUNE_METRICS_PORT', '-1'],
  ['ATTUNE_METRICS_TOKEN', 'short'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
  ['OTEL_TRACES_EXPORTER', 'console'],
  ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
])('%s=%s is refused by its name', (name, value) => {
  try {
    read({ [name]: value });
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError);
    expect((error as EnvironmentError).refused.map((each) => each.name)).toEqual([name]);
  }
});

test('a port after which the workers that a process starts have none is refused', () => {
  const settings = (port: number, workers: number) =>
    readEnv({ ATTUNE_METRICS_PORT: String(port), ATTUNE_WORKERS: String(workers) }).observability;
  expect(metricsSettingsOf(settings(65_533, 2), 1)).toEqual({ ATTUNE_METRICS_PORT: '65535' });
  expect(() => settings(65_534, 2)).toThrow(
    'ATTUNE_METRICS_PORT=65534 is not allowed: use 0, or a port up to 65533, so that each of the 2 workers has one',
  );
  expect(settings(65_535, 0).metrics?.port).toBe(65_535);
  expect(metricsSettingsOf(settings(0, 64), 63)).toEqual({ ATTUNE_METRICS_PORT: '0' });
});

test('traces go where OpenTelemetry’s variables say, and to nobody without them', () => {
  const traces = (source: Record<string, string>) => read(source).traces;
  const sampler = { kind: 'parentbased_traceidratio', ratio: 0.1 };
  expect(traces({ OTEL_SERVICE_NAME: 'mine', OTEL_TRACES_SAMPLER: 'always_on' })).toBeNull();
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
  expect(traces(endpoint)).toEqual({ url: 'http://collector:4318/v1/traces', sampler });
  const whole = { ...endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://other/here' };
  expect(traces(whole)).toEqual({ url: 'https://other/here', sampler });
  expect(traces({ OTEL_TRACES_EXPORTER: 'otlp' })).toEqual({ url: 'http://localhost:4318/v1/traces', sampler });
  expect(traces({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' })).toBeNull();
  expect(traces({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toBeNull();
  const sampled = (kind: string, arg?: string) =>
    traces({ ...endpoint, OTEL_TRACES_SAMPLER: kind, ...(arg === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: arg }) })
      ?.sampler;
  expect(sampled('always_on')).toEqual({ kind: 'always_on', ratio: 1 });
  expect(sampled('traceidratio', '0.25')).toEqual({ kind: 'traceidratio', ratio: 0.25 });
  expect(traces({ ...endpoint, OTEL_TRACES_SAMPLER_ARG: '0.5' })?.sampler).toEqual({ ...sampler, ratio: 0.5 });
});

test('a token that is refused is not repeated', () => {
  expect(() => read({ ATTUNE_METRICS_TOKEN: 'short secret' })).toThrow(
    /^The value of ATTUNE_METRICS_TOKEN is not allowed/,
  );
});
