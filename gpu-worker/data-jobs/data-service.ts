import type { MessagePort } from 'node:worker_threads';
import { ProblemsError } from '../../src/problems/problem.js';
import type { ClaimedJob } from '../../src/protocol/job.js';
import { createVerifiedPaths } from '../../src/storage/verified-path.js';
import { ProblemError } from '../problem-error.js';
import { RunStopped } from '../run-stopped.js';
import type { JobContext, JobService } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import { writeOut } from './export-rows.js';
import { inspect } from './inspect.js';
import { type DataTools, prepare, type VerifiedPath } from './prepare.js';
import { previewRecipe } from './preview.js';
import { recommend } from './recommend.js';
import { report } from './report.js';

/** The jobs of the lanes `data` and `preview`. */
export function dataService(port: MessagePort, tools: DataTools): JobService {
  const verified = createVerifiedPaths(tools.store);
  return {
    port,
    engine: null,
    async run(job, context) {
      try {
        return await work(job, context, tools, verified);
      } catch (error) {
        if (error instanceof RunStopped) return { kind: 'stopped', reason: error.reason };
        if (error instanceof ProblemError) return { kind: 'failed', problem: error.problem };
        if (!(error instanceof ProblemsError)) throw error;
        const [problem] = error.problems;
        if (problem === undefined) throw error;
        return { kind: 'failed', problem, problems: error.problems };
      }
    },
    release: async () => undefined,
  };
}

async function work(
  { payload }: ClaimedJob,
  context: JobContext,
  tools: DataTools,
  verified: VerifiedPath,
): Promise<JobOutcome> {
  switch (payload.kind) {
    case 'prepare':
      return prepare(payload, context, tools);
    case 'preview':
      return previewRecipe(payload, context, tools, verified);
    case 'inspect':
      return inspect(payload, context, tools);
    case 'report':
      return report(payload, context, tools);
    case 'exportRows':
      return writeOut(payload, context, tools);
    case 'recommend':
      return recommend(payload, context, tools);
    default:
      throw new RangeError(`the data lane does no ${payload.kind} jobs`);
  }
}
