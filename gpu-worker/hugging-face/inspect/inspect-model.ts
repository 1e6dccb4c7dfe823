import type { InspectJob, ModelInspection } from '../../../src/protocol/model-inspection.js';
import type { FileSource } from '../../../src/protocol/model-source.js';
import type { ModelFiles } from '../model-files.js';
import { openSource } from '../open-source.js';
import { adapterConfigFile } from '../peft/fetch-adapter.js';
import { asFileProblem } from '../problems.js';
import { withProgress } from '../transfer-progress.js';
import { inspectAdapter } from './inspect-adapter.js';
import { inspectFiles } from './inspect-files.js';
import { inspectFresh } from './inspect-fresh.js';
import type { InspectTools } from './inspect-tools.js';

/**
 * Tells what a model is and whether it could be imported, from its configuration, its tokenizer, its documents and the
 * headers of its weights. Nothing is stored, and no weight is read; of a hub's files of weights the beginnings are
 * downloaded, into `downloadFolder`, which is to be this inspection's own.
 *
 * What an import would end with is in the result.
 * @throws ProblemError NOT_FOUND, ACCESS_DENIED, HUB_UNAVAILABLE (of the source); MISSING_ARTIFACT (of a base model)
 */
export async function inspectModel(
  {
    source,
    ...asked
  }: Pick<InspectJob, 'source' | 'licence' | 'licencePolicy' | 'adapterBaseDigest' | 'isRewardModel'>,
  tools: InspectTools,
): Promise<ModelInspection> {
  return withProgress(tools.onProgress, async (meter) => {
    if (source.kind === 'configuration') return inspectFresh({ source, ...asked }, tools, meter);
    let files: ModelFiles | null = null;
    try {
      files = await openSource(source, { ...tools, startsOfWeights: true }, meter);
      return await (files.names.has(adapterConfigFile) ? inspectAdapter : inspectFiles)(files, asked, tools);
    } catch (error) {
      throw asFileProblem(error, 'a file of the model', isRemote(source));
    } finally {
      await files?.release(true);
    }
  });
}

function isRemote({ kind }: FileSource): boolean {
  return kind === 'hub';
}
