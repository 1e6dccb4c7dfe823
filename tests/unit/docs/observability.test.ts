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

const read = (path: string): string => readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');
const page = read('observability.md');
const alerts = read('observability/alerts.yml');
const dashboard = JSON.parse(read('observability/dashboard.json')) as {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets: readonly { expr: string }[];
  }[];
};

/** The metrics that API and worker export, made by the functions that the processes call. */
function exported(): { readonly all: string[]; readonly own: string[] } {
  const api = openRegistry('api', '0');
  sqlMetrics(api);
  operationMetrics(api);
  watchHttp(api);
  eventLagMetrics(api);
  queueMetrics(
    api,
    () => Promise.resolve([]),
    { online: () => Promise.resolve([]) },
    () => undefined,
  );
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

/** The metrics in an expression of Prometheus: a histogram by its own name. */
function metricsIn(expression: string): string[] {
  const names = expression.match(/\b(?:attune|nodejs|process)_\w+/g) ?? [];
  return names.map((name) => (exported().all.includes(name) ? name : name.replace(/_(bucket|sum|count)$/, '')));
}

test('every panel of the dashboard shows metrics that are exported', () => {
  expect(dashboard.panels.length).toBeGreaterThan(10);
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  for (const { title, targets } of dashboard.panels) {
    for (const { expr } of targets) {
      expect(metricsIn(expr).length, title).toBeGreaterThan(0);
      for (const name of metricsIn(expr)) expect(exported().all, title).toContain(name);
    }
  }
});

test('every alert asks for metrics that are exported, has a severity and a summary, and is explained', () => {
  const rules = alerts.split(/^ {6}- alert: /m).slice(1);
  expect(rules.length).toBeGreaterThan(5);
  for (const rule of rules) {
    const [name = ''] = rule.split('\n');
    const expression = /^ {8}expr: '(.+)'$/m.exec(rule)?.[1] ?? '';
    // Prometheus itself exports `up`.
    if (!expression.startsWith('up{')) expect(metricsIn(expression).length, name).toBeGreaterThan(0);
    for (const metric of metricsIn(expression)) expect(exported().all, name).toContain(metric);
    expect(rule).toMatch(/^ {8}for: \d+m$/m);
    expect(rule).toMatch(/^ {10}severity: (critical|warning)$/m);
    expect(rule).toMatch(/^ {10}summary: '.+'$/m);
    expect(page).toContain(`| \`${name}\` |`);
  }
});
