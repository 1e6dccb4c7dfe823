import { traitsOf } from '../../../src/protocol/architectures/index.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { openWeights } from '../../hugging-face/checkpoint-files.js';
import { readConfig } from '../../hugging-face/config.js';
import { mapRows } from '../../hugging-face/data-unit.js';
import { describeModel } from '../../hugging-face/describe-model.js';
import { matchTensors } from '../../hugging-face/match-tensors.js';
import { openFolder, readModelFile } from '../../hugging-face/model-files.js';
import { statedPooling, transformerIn } from '../../hugging-face/modules-json.js';
import { findWeightFiles } from '../../hugging-face/weight-file-names.js';
import type { RunnableModel } from '../certified-model.js';
import { weightsFrom } from '../weights-from.js';

const maxConfigBytes = 4 * 2 ** 20;

/**
 * The model of a folder in the layout of transformers, read as an import reads it: its shape from `config.json`, its
 * weights from whichever files and names are there. Nothing of the model that was exported is known here, but what
 * these files have no field for.
 *
 * @param beside the licence, tokenizer and the like of the exported model, which decide nothing about its outputs
 * @throws ProblemError INVALID_MODEL, UNSUPPORTED_MODEL
 */
export async function openExportedFolder<Result>(
  folder: string,
  beside: ModelManifest,
  use: (model: RunnableModel) => Promise<Result>,
): Promise<Result> {
  const outer = await openFolder(folder, null);
  const files = await transformerIn(outer);
  const model = readConfig((await readModelFile(files, 'config.json', maxConfigBytes)).toString('utf8'));
  const stated = (await statedPooling(outer)) ?? model.classifierPooling;
  const opened = await openWeights(files, await findWeightFiles(files));
  try {
    const matched = matchTensors(opened, model);
    const manifest = describeModel(model, matched, opened.notes, {
      licence: beside.licence,
      weights: beside.weights,
      tokenizer: beside.tokenizer,
      truncationSide: beside.truncationSide,
      pooling: stated !== null && traitsOf(model.config).poolings.includes(stated) ? stated : null,
      givesTokenTypes: beside.givesTokenTypes,
      files: [],
    });
    const tensors = new Map(matched.tensors.map((tensor) => [tensor.name, tensor]));
    const weights = weightsFrom((name) => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new RangeError(`the files have no tensor ${name}`);
      return mapRows(opened.chunks(tensor.source), tensor.shape, tensor.map);
    });
    return await use({ manifest, weights });
  } finally {
    await opened.close();
  }
}
