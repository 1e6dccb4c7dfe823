import { withClient } from '../database.js';
import { startWriter, type WriterQuestion } from '../live/write.js';
import { askOnce, graphql, type LoadFigures, type Request } from '../load/load.js';
import {
  addMlflowSeries,
  mlflowDatabase,
  mlflowRunIds,
  startMlflowServer,
  startMlflowWriter,
} from '../peers/mlflow/index.js';
import { atLeast, ratios, spread, under } from '../result.js';
import { addProject } from '../rows/project.js';
import { addSeries, seriesValue } from '../rows/series.js';
import { addTrainingRuns } from '../rows/training-runs.js';
import type { ServerProcess } from '../server-process.js';
import { filledAttune, startAttune } from '../start-attune.js';
import { liveDatabase, liveProject } from './live-database.js';
import { type Bench, sized, type Work } from './work.js';

const shownPoints = 2500;
const seriesProject = 'series';
const seriesOperation = `query Series($project: String!, $first: Int!, $points: Int!) {
  project(slug: $project) { experiments(first: $first) { nodes { metricSeries(keys: ["train/loss"], maxPoints: $points) { points { step value at } } } } }
}`;

export const series: Work = {
  name: 'series',
  title: `100 experiments' metric series, ${shownPoints.toLocaleString('en')} points each of 100,000 stored`,
  async measure(bench) {
    const { databases, load, rounds, python } = bench;
    const [experiments, steps] = [bench.isToy ? 5 : 100, sized(bench, 100_000)];
    const databaseUrl = await seriesDatabase(bench, experiments, steps);
    const sides: Asked[] = [];
    const turns = new Map<string, LoadFigures[]>();
    try {
      // The points of a hundred experiments weigh more than one operation may by default.
      const attune = await startAttune(databaseUrl, databases.home, { ATTUNE_MAX_COMPLEXITY: '10000000' });
      sides.push(await asked('Attune', attune, seriesRequest(experiments)));
      if (python !== null) sides.push(await mlflow(bench, python, experiments, steps));
      for (let round = -1; round < rounds; round += 1) {
        for (const { name, server, request, answer } of sides) {
          const turn = await load.run(server, request, answer, 0, { connections: 1 });
          if (round >= 0) turns.set(name, [...(turns.get(name) ?? []), turn]);
        }
      }
    } finally {
      for (const { server } of sides) await server.stop();
    }
    const ms = (name: string): number[] => (turns.get(name) ?? []).map(({ p50 }) => p50);
    const least = sides.map(({ name, answer }) => [name, String(answer.match(/"step":/g)?.length)]);
    return {
      columns: ['side', 'ms', 'points', "server's processor time, ms"],
      rows: sides.map(({ name }, i) => [
        name,
        spread(ms(name)),
        least[i]![1]!,
        spread(turns.get(name)!.map(({ processorMs }) => processorMs)),
      ]),
      goals: [
        under('under 1 s', 1000, ms('Attune'), 'ms'),
        ...(python === null
          ? []
          : [atLeast("≥ 5 × MLflow's bulk metric history", 5, ratios(ms('MLflow'), ms('Attune')))]),
      ],
      notes: ['A turn is one request; its answer is parsed on neither side.'],
    };
  },
};

/** A database with experiments that each have recorded so many steps of one metric. */
export function seriesDatabase({ databases, log }: Bench, experiments: number, steps: number): Promise<string> {
  return filledAttune(databases, `recorded_series_${experiments}_${steps}`, async (url) => {
    log(`writing ${(experiments * steps).toLocaleString('en')} points`);
    await withClient(url, async (client) => {
      await addProject(client, { slug: seriesProject, experiments, evaluations: 0 });
      await addSeries(client, seriesProject, steps);
    });
  });
}

/** Asks for the series of the newest experiments. */
export function seriesRequest(experiments: number): Request {
  return graphql(seriesOperation, { project: seriesProject, first: experiments, points: shownPoints });
}

interface Asked {
  readonly name: string;
  readonly server: ServerProcess;
  readonly request: Request;
  readonly answer: string;
}

async function asked(name: string, server: ServerProcess, request: Request): Promise<Asked> {
  return { name, server, request, answer: await askOnce(server, request) };
}

async function mlflow({ databases }: Bench, python: string, runs: number, steps: number): Promise<Asked> {
  const url = await mlflowDatabase(databases, python, `mlflow_series_${runs}_${steps}`, (unfinished) =>
    addMlflowSeries(unfinished, { runs, steps, value: seriesValue }),
  );
  const ids = await mlflowRunIds(url, runs);
  const server = await startMlflowServer(python, url, databases.home);
  const query = [...ids.map((id) => `run_ids=${id}`), 'metric_key=train/loss', `max_results=${shownPoints}`].join('&');
  const path = `/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?${query}`;
  return asked('MLflow', server, { path, headers: {}, body: null });
}

export const ingest: Work = {
  name: 'ingest',
  title: "metric ingestion through the worker's path, summaries included",
  async measure(bench) {
    const { databases, rounds, seconds, python, log } = bench;
    const databaseUrl = await liveDatabase(bench);
    const writer = startWriter();
    const peer =
      python === null
        ? null
        : await startMlflowWriter(
            python,
            await mlflowDatabase(databases, python, 'mlflow_ingest', async () => undefined),
          );
    const own = new Map<number, number[]>([1, 4].map((runs) => [runs, []]));
    const theirs: number[] = [];
    const flood: WriterQuestion['pace'] = { flood: true };
    try {
      for (let round = -1; round < rounds; round += 1) {
        for (const [runs, measured] of own) {
          const added = await withClient(databaseUrl, (client) => addTrainingRuns(client, liveProject, runs));
          const runIds = added.map(({ runId }) => runId);
          const artifacts = `${databases.home}/writer-artifacts`;
          const written = await writer.ask({ databaseUrl, artifacts, runIds, seconds, pace: flood });
          if (round >= 0) measured.push(written.points / written.elapsedSeconds);
        }
        const logged = (await peer?.log(seconds)) ?? null;
        if (round >= 0 && logged !== null) theirs.push(logged);
      }
    } finally {
      await writer.end();
      await peer?.end();
    }
    log(`one run ${spread(own.get(1)!)} points a second`);
    return {
      columns: ['side', 'points a second'],
      rows: [
        ["Attune: a worker's writer, one run", spread(own.get(1)!)],
        ["Attune: four runs' writers in one process", spread(own.get(4)!)],
        ...(peer === null ? [] : [['MLflow: log_batch, 1,000 points a batch', spread(theirs)]]),
      ],
      goals: [
        atLeast('≥ 100,000 points a second', 100_000, own.get(1)!),
        ...(peer === null ? [] : [atLeast("≥ 10 × MLflow's log_batch", 10, ratios(own.get(1)!, theirs))]),
      ],
      notes: ['A step has four metrics, and the writers make their own batches. Every batch is committed durably.'],
    };
  },
};
