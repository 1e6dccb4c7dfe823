import { expect, test } from 'vitest';
import { observabilitySettings, observabilityVariables } from '../../../src/observability/settings.js';
import { EnvironmentError, readVariables } from '../../../src/protocol/environment.js';

const read = (source: Record<string, string>) => observabilitySettings(readVariables(observabilityVariables, source));

test('by default a process keeps no metrics and speaks to nobody', () => {
  expect(read({})).toEqual({ metrics: null, traces: null });
});

test('metrics have a port of their own, on a loopback address unless a token guards them', () => {
  expect(read({ ATTUNE_METRICS_PORT: '9464' }).metrics).toEqual({ host: '127.0.0.1', port: 9464, token: null });
  const open = { ATTUNE_METRICS_PORT: '9464', ATTUNE_METRICS_HOST: '0.0.0.0' };
  expect(() => read(open)).toThrow('ATTUNE_METRICS_TOKEN is not set: use a token that scrapes send');
  const token = 'a-token-of-some-length';
  expect(read({ ...open, ATTUNE_METRICS_TOKEN: token }).metrics).toEqual({ host: '0.0.0.0', port: 9464, token });
});

test('a collector has headers, percent-encoded, and a part of the traces', () => {
  const settings = read({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example/otlp/',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%3Db, x-team = trainers',
    ATTUNE_TRACE_RATIO: '0.25',
  });
  expect(settings.traces).toEqual({
    endpoint: 'https://collector.example/otlp',
    headers: { 'api-key': 'a=b', 'x-team': 'trainers' },
    ratio: 0.25,
  });
});

test.each([
  ['ATTUNE_METRICS_PORT', '70000'],
  ['ATTUNE_METRICS_PORT', '-1'],
  ['ATTUNE_METRICS_TOKEN', 'short'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:secret@collector:4318'],
  ['ATTUNE_TRACE_RATIO', '1.5'],
])('%s=%s is refused by its name', (name, value) => {
  try {
    read({ [name]: value });
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError);
    expect((error as EnvironmentError).refused.map((each) => each.name)).toEqual([name]);
  }
});

test('headers that are refused are not repeated', () => {
  expect(() => read({ OTEL_EXPORTER_OTLP_HEADERS: 'a secret without a name' })).toThrow(
    'The value of OTEL_EXPORTER_OTLP_HEADERS is not allowed',
  );
});
