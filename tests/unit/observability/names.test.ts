import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { boundedNames } from '../../../src/observability/bounded-names.js';
import { verbOf } from '../../../src/observability/followed-client.js';
import { routeOf } from '../../../src/observability/http-metrics.js';
import { operationMetrics } from '../../../src/observability/operation-observer.js';
import { openRequest } from '../../../src/observability/request-context.js';
import { summaryOf } from '../../../src/observability/statement-traces.js';
import { parseSamples } from '../../support/scrape.js';

test('names beyond the bound are “other”, known ones stay', () => {
  const nameOf = boundedNames(2);
  expect(['a', 'b', 'c', 'a', 'd'].map(nameOf)).toEqual(['a', 'b', 'other', 'a', 'other']);
});

test('a client that makes up 10,000 names makes at most 101 series of a metric', async () => {
  const registry = new Registry();
  const observer = operationMetrics(registry);
  for (let index = 0; index < 10_000; index++) {
    const started = observer.started('http', openRequest(null));
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

test.each([
  ['SELECT id FROM runs WHERE name = $1', 'SELECT runs'],
  [
    'SELECT 1 FROM "experiments" e JOIN runs r ON true LEFT JOIN jobs j ON true JOIN users u ON true',
    'SELECT experiments runs jobs',
  ],
  ['INSERT INTO audit_log (a) VALUES ($1)', 'INSERT audit_log'],
  ['WITH busy AS MATERIALIZED (SELECT 1 FROM projects) SELECT 1 FROM busy, jobs', 'WITH projects'],
  ['UPDATE jobs SET state = $1 WHERE id = $2', 'UPDATE jobs'],
  ['SELECT x FROM unnest($1::uuid[]) AS t (x)', 'SELECT'],
  ["SELECT 'a text FROM somebody'", 'SELECT'],
  ['COMMIT', 'COMMIT'],
])('what a statement does: %s', (sql, summary) => {
  expect(summaryOf(sql)).toBe(summary);
});
