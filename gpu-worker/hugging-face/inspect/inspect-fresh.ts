import type { InspectJob, ModelInspection } from '../../../src/protocol/model-inspection.js';
import type { ConfigurationSource } from '../../../src/protocol/model-source.js';
import { inspectedModel } from '../describe-model.js';
import { planFresh, refuseBeyond } from '../fresh/make-model.js';
import { float32Bytes } from '../import-weights.js';
import { truncationSideIn } from '../kept-files.js';
import type { TransferMeter } from '../transfer-progress.js';
import { chatTemplateIn } from './chat-template.js';
import type { InspectTools } from './inspect-tools.js';
import { problemsOf } from './problems-of.js';

/** Tells what model a configuration would make. */
export async function inspectFresh(
  { source, ...asked }: Pick<InspectJob, 'licence' | 'licencePolicy'> & { readonly source: ConfigurationSource },
  tools: InspectTools,
  meter: TransferMeter,
): Promise<ModelInspection> {
  const { architecture, seed, tokenizer } = source;
  const problems = problemsOf(tokenizer.kind === 'hub');
  const { attempt } = problems;
  const plan = await attempt(() => planFresh({ source, ...asked }, tools, meter));
  const tensors = plan?.layers.flatMap((layer) => layer.tensors) ?? [];
  if (plan !== null) await attempt(() => refuseBeyond(tensors, tools));
  const reading =
    plan === null
      ? null
      : { truncationSide: truncationSideIn(plan.files), pooling: null, givesTokenTypes: plan.givesTokenTypes };
  const model =
    plan === null || reading === null
      ? null
      : inspectedModel({ config: plan.config }, { tensors, layers: plan.layers, heads: [] }, null, reading);
  return {
    source: `configuration:${architecture},seed=${seed}`,
    modelType: architecture,
    className: null,
    model,
    countedIn: 'CONFIGURATION',
    tokenizer: plan === null ? null : { kind: plan.found.file.kind, vocabularySize: plan.found.file.vocabularySize },
    chatTemplate: plan === null ? null : await chatTemplateIn(plan.files, problems),
    weights: plan === null ? null : { fileCount: 1, sizeBytes: float32Bytes(tensors) },
    precisions: model === null ? [] : [{ type: 'F32', parameterCount: model.parameterCount }],
    ignoredTensors: [],
    ignoredTensorCount: 0,
    licence: plan === null ? null : (plan.found.licence ?? null),
    adapter: null,
    problems: [...problems.found],
  };
}
