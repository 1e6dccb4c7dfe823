import { withClient } from '../database.js';
import { startWriter, type WriterQuestion } from '../live/write.js';
import type { LoadFigures } from '../load/load.js';
import { askOnce } from '../load/load.js';
import { attuneSide } from '../reads/sides.js';
import { ratios, spread, under } from '../result.js';
import { addProject } from '../rows/project.js';
import { addTrainingRuns } from '../rows/training-runs.js';
import { startAttune } from '../start-attune.js';
import { measuredProject, projectDatabase } from './project-database.js';
import type { Work } from './work.js';

const writers = 10;
const stepsPerSecond = 20;
/** Requests a second. */
const rate = 50;
/** The writers begin before the reads, and end after them. */
const marginSeconds = 0.5;
const writingProject = 'writing';

export const mixed: Work = {
  name: 'mixed',
  title: `reads while ${writers} workers write metrics`,
  async measure(bench) {
    const { databases, load, rounds, seconds } = bench;
    const databaseUrl = await projectDatabase(bench, bench.isToy ? 60 : 500);
    const runs = await withClient(databaseUrl, async (client) => {
      const found = await client.query('SELECT FROM projects WHERE slug = $1', [writingProject]);
      if (found.rowCount === 0) await addProject(client, { slug: writingProject, experiments: 1, evaluations: 0 });
      return addTrainingRuns(client, writingProject, writers);
    });
    const writer = startWriter();
    const attune = attuneSide(await startAttune(databaseUrl, databases.home), measuredProject);
    const quiet: LoadFigures[] = [];
    const busy: LoadFigures[] = [];
    try {
      const [first] = attune.nested.understand(await askOnce(attune.server, attune.nested.request));
      const { request } = attune.one(first!.id);
      const answer = await askOnce(attune.server, request);
      const read = () => load.run(attune.server, request, answer, seconds, { rate });
      const question: WriterQuestion = {
        databaseUrl,
        artifacts: `${databases.home}/writer-artifacts`,
        runIds: runs.map(({ runId }) => runId),
        seconds: seconds + 2 * marginSeconds,
        pace: { perSecond: stepsPerSecond },
      };
      const readBeside = async (): Promise<LoadFigures> => {
        const writing = writer.ask(question);
        await new Promise((resolve) => setTimeout(resolve, 1000 * marginSeconds));
        const turn = await read();
        await writing;
        return turn;
      };
      for (let round = -1; round < rounds; round += 1) {
        const [alone, beside] = [await read(), await readBeside()];
        if (round < 0) continue;
        quiet.push(alone);
        busy.push(beside);
      }
    } finally {
      await writer.end();
      await attune.server.stop();
    }
    const of = (turns: readonly LoadFigures[], key: keyof LoadFigures) => turns.map((turn) => turn[key]);
    const row = (name: string, turns: readonly LoadFigures[]) => [
      name,
      ...(['p50', 'p95', 'p99', 'processorMs'] as const).map((key) => spread(of(turns, key))),
    ];
    return {
      columns: ['one experiment by id', 'p50 ms', 'p95 ms', 'p99 ms', "server's processor time, ms"],
      rows: [row('quiet', quiet), row(`while ${writers} runs record ${stepsPerSecond} steps a second each`, busy)],
      goals: [under('p99 within 2 × of the quiet figure', 2, ratios(of(busy, 'p99'), of(quiet, 'p99')))],
      notes: [`Requests come at ${rate} a second, whatever the answers take. A step has four metrics.`],
    };
  },
};
