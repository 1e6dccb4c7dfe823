import { withClient } from '../database.js';
import { addProject } from '../rows/project.js';
import { filledAttune } from '../start-attune.js';
import type { Bench } from './work.js';

export const measuredProject = 'measured';

/** A database with a project of so many experiments, each with a model and four evaluations of it. */
export function projectDatabase({ databases, log }: Bench, experiments: number, evaluations = 4): Promise<string> {
  return filledAttune(databases, `project_${experiments}_${evaluations}`, async (url) => {
    log(`writing ${experiments.toLocaleString('en')} experiments`);
    await withClient(url, (client) => addProject(client, { slug: measuredProject, experiments, evaluations }));
  });
}
