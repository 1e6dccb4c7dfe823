import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { boundedNames } from '../../../src/observability/bounded-names.js';
import { verbOf } from '../../../src/observability/followed-client.js';
import { routeOf } from '../../../src/observability/http-metrics.js';
import { operationMetrics } from '../../../src/observability/operation-observer.js';
import { parseSamples } from '../../support/scrape.js';

test('names beyond the bound are “other”, known ones stay', () => {
  const nameOf = boundedNames(2);
  expect(['a', 'b', 'c', 'a', 'd'].map(nameOf)).toEqual(['a', 'b', 'other', 'a', 'other']);
});

test('a client that makes up 10,000 names makes at most 101 series of a metric', async () => {
  const registry = new Registry();
  const observer = operationMetrics(registry);
  for (let index = 0; index < 10_000; index++) {
    const started = observer.started('http');
    started.resolved({ type: 'query', name: `Made${index}`, subscribes: null });
    started.ended();
  }
  const samples = parseSamples(await registry.metrics()).filter(({ name }) => name === 'attune_operations_total');
  expect(samples).toHaveLength(101);
  expect(samples.find(({ labels }) => labels.operation === 'other')!.value).toBe(9_900);
});

test.each([
  ['SELECT 1', 'select'],
  ['\n   WITH a AS (SELECT 1) SELECT * FROM a', 'with'],
  ['START TRANSACTION', 'start'],
  ['  (select 1)', 'select'],
  ['VACUUM', 'other'],
  ['', 'other'],
])('the verb of %j is %s', (sql, verb) => expect(verbOf(sql)).toBe(verb));

test.each([
  ['/graphql?query=%7Ba%7D', 'graphql'],
  ['/uploads/0190-1', 'uploads'],
  ['http://models.test/graphql?query=%7Ba%7D', 'graphql'],
  ['http://models.test', 'page'],
  ['/', 'page'],
  ['/wp-admin/setup.php', 'other'],
  ['*', 'page'],
])('the route of %s is %s', (url, route) => expect(routeOf(url)).toBe(route));
