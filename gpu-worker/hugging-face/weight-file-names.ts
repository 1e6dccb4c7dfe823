import { z } from 'zod';
import { parseObject } from './config.js';
import { headsFile } from './head-notes.js';
import { type ModelFiles, readModelFile } from './model-files.js';
import { invalidModel, listed, unsupported } from './problems.js';

const single = 'model.safetensors';
const index = 'model.safetensors.index.json';

/**
 * Which files hold a model's weights. `tensorFiles`: tensor → shard, as the index of a sharded model says; null for a
 * single file.
 */
export interface WeightFileNames {
  readonly names: readonly string[];
  readonly tensorFiles: ReadonlyMap<string, string> | null;
}

const WeightIndex = z.object({ weight_map: z.record(z.string(), z.string()) });

const maxIndexBytes = 64 * 2 ** 20;

/** Formats of weights that Attune does not read. PyTorch's are pickles, which can run code when they are loaded. */
const otherFormats: readonly { readonly pattern: RegExp; readonly what: string; readonly hint: string }[] = [
  {
    pattern: /^(pytorch_model.*|.*\.pt|.*\.pth|.*\.bin)(\.index\.json)?$/,
    what: 'a PyTorch pickle',
    hint: 'Convert it where it can be trusted: AutoModel.from_pretrained(folder).save_pretrained(folder, safe_serialization=True) in Python writes model.safetensors. On the hub, many repositories have it on the branch refs/convert/… or refs/pr/….',
  },
  {
    pattern: /^tf_model.*\.h5$/,
    what: 'TensorFlow’s HDF5',
    hint: 'Convert it in Python: AutoModel.from_pretrained(folder, from_tf=True).save_pretrained(folder).',
  },
  {
    pattern: /^flax_model.*\.msgpack$/,
    what: 'Flax’s msgpack',
    hint: 'Convert it in Python: AutoModel.from_pretrained(folder, from_flax=True).save_pretrained(folder).',
  },
  { pattern: /\.gguf$/, what: 'GGUF', hint: 'Import the model it was quantized from.' },
  { pattern: /\.onnx$/, what: 'ONNX', hint: 'Import the model it was exported from.' },
  {
    pattern: /^(?!heads).*\.safetensors$/,
    what: 'safetensors under another name',
    hint: `Rename the file of the weights to ${single}.`,
  },
];

/**
 * Finds the weights of a model, or tells why those that are there can't be read. Errors: ProblemError
 * UNSUPPORTED_MODEL, INVALID_MODEL.
 */
export async function findWeightFiles(files: ModelFiles): Promise<WeightFileNames> {
  const beside = files.names.has(headsFile) ? [headsFile] : [];
  if (files.names.has(single)) return { names: [single, ...beside], tensorFiles: null };
  if (!files.names.has(index)) throw noWeights(files);
  const json = parseObject((await readModelFile(files, index, maxIndexBytes)).toString('utf8'), index);
  const parsed = WeightIndex.safeParse(json);
  if (!parsed.success) throw invalidModel(`${index} has no weight_map of names`, null, parsed.error);
  const tensorFiles = new Map(Object.entries(parsed.data.weight_map));
  const names = [...new Set(tensorFiles.values())].sort();
  if (names.length === 0) throw invalidModel(`${index} names no files`);
  // A shard is one of the folder's own files: a path that leads elsewhere is never among their names.
  const missing = names.filter((name) => !files.names.has(name));
  if (missing.length > 0) {
    throw invalidModel(
      listed(`files that ${index} names are missing`, missing),
      'Copy or download the whole model again.',
    );
  }
  return { names: [...names, ...beside], tensorFiles };
}

function noWeights({ names }: ModelFiles) {
  for (const { pattern, what, hint } of otherFormats) {
    const found = [...names].find((name) => pattern.test(name));
    if (found !== undefined) {
      return unsupported(`the weights are not in ${single}: there is ${found}, ${what}, which is not read`, hint);
    }
  }
  return invalidModel(`there is neither ${single} nor ${index}`, 'Attune reads weights from safetensors files only.');
}
