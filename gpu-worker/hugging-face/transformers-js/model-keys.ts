import type { TransformerConfig } from '../../../src/protocol/architectures/index.js';
import type { OnnxVariant } from '../../../src/protocol/job.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { isDecoder } from '../../architectures/encoder-run.js';
import type { OnnxFile } from '../../engine/index.js';
import { configJson } from '../export/config-json.js';
import type { ExportForm } from '../export/layout.js';
import { statedDtype } from './variants.js';

/** The `config.json` of a folder for transformers.js, with what it wants to know of the graphs beside. */
export function modelKeys(
  manifest: ModelManifest,
  config: TransformerConfig,
  form: ExportForm,
  original: Readonly<Record<string, unknown>> | null,
  {
    variants,
    graphs,
    padTokenId,
  }: {
    readonly variants: readonly OnnxVariant[];
    readonly graphs: readonly OnnxFile[];
    readonly padTokenId: number | null;
  },
): Readonly<Record<string, unknown>> {
  const dtype = statedDtype(variants);
  const outside = Object.fromEntries(
    graphs
      .filter(({ name }) => name.endsWith('.onnx'))
      .map(({ name }) => [name, graphs.filter((file) => file.name.startsWith(`${name}_data`)).length] as const)
      .filter(([, count]) => count > 0),
  );
  const own = {
    // Versions before 4 ask here; later ones ask the graph.
    ...(form === 'languageModel' && isDecoder(config) ? { kv_cache_dtype: { fp16: 'float16' } } : {}),
    ...(dtype === null ? {} : { dtype }),
    ...(Object.keys(outside).length === 0 ? {} : { use_external_data_format: outside }),
  };
  return {
    ...configJson(manifest, config, form, original, padTokenId),
    ...(Object.keys(own).length === 0 ? {} : { 'transformers.js_config': own }),
  };
}
