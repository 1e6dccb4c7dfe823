import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { workerMetrics } from '../../../gpu-worker/observability/worker-metrics.js';
import { eventLagMetrics } from '../../../src/observability/event-lag.js';
import { watchHttp } from '../../../src/observability/http-metrics.js';
import { operationMetrics } from '../../../src/observability/operation-observer.js';
import { openRegistry } from '../../../src/observability/registry.js';
import { sqlMetrics } from '../../../src/observability/sql-metrics.js';
import { queueMetrics } from '../../../src/workers/queue-metrics.js';

const page = readFileSync(new URL('../../../docs/observability.md', import.meta.url), 'utf8');

/** The metrics that API and worker export, made by the functions that the processes call. */
function exported(): { readonly all: string[]; readonly own: string[] } {
  const api = openRegistry('api', '0');
  sqlMetrics(api);
  operationMetrics(api);
  watchHttp(api);
  eventLagMetrics(api);
  queueMetrics(api, () => Promise.resolve([]), { online: () => Promise.resolve([]) });
  const worker = new Registry();
  workerMetrics(worker);
  const all = [...api.getMetricsAsArray(), ...worker.getMetricsAsArray()].map(({ name }) => name);
  return { all: [...new Set(all)], own: [...new Set(all.filter((name) => name.startsWith('attune_')))].sort() };
}

test('docs/observability.md has every metric of Attune, and no other', () => {
  const told = [...page.matchAll(/^\| (`attune_.*?) \| (?:counter|gauge|histogram)/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
  );
  expect(told.sort()).toEqual(exported().own);
});

test('the metrics of Node that it names are exported', () => {
  const named = [...page.matchAll(/`((?:process|nodejs)_\w+)`/g)].map(([, name]) => name!);
  expect(named.length).toBeGreaterThan(3);
  for (const name of named) expect(exported().all).toContain(name);
});
