import type { DecoderConfig } from '../../../src/protocol/architectures/index.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { ggufArchitectures } from './hyperparameters.js';
import { type Metadata, type MetadataValue, string, uint32 } from './metadata-values.js';
import type { TensorType } from './tensor-types.js';

/** Numbers of `general.file_type` (`llama_ftype`). */
const fileTypes: Readonly<Record<TensorType, number>> = { F32: 0, F16: 1, Q8_0: 7 };

/** Of the layout of quantized blocks (`GGML_QNT_VERSION`). */
const quantizationVersion = 2;

/** The metadata of what a file is. @param name of the model, for people */
export function generalMetadata(
  manifest: ModelManifest,
  config: DecoderConfig,
  name: string,
  type: TensorType,
): Metadata {
  const { licence, parameterCount } = manifest;
  return new Map<string, MetadataValue>([
    ['general.architecture', string(ggufArchitectures[config.architecture])],
    ['general.type', string('model')],
    ['general.name', string(name)],
    ['general.size_label', string(sizeLabel(parameterCount))],
    ...(licence === 'unknown' ? [] : [['general.license', string(licence.toLowerCase())] as const]),
    ['general.file_type', uint32(fileTypes[type])],
    ['general.quantization_version', uint32(quantizationVersion)],
  ]);
}

const scales = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
] as const;

/** A number of parameters with two digits at least: `3.6M`, `124M`. */
function sizeLabel(parameters: number): string {
  const [unit, letter] = scales.find(([least]) => parameters >= least) ?? ([1e3, 'K'] as const);
  const scaled = parameters / unit;
  return `${scaled.toFixed(scaled >= 0.5 && scaled < 9.5 ? 1 : 0)}${letter}`;
}
