import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { givesTokenTypes } from '../../../src/protocol/token-types.js';
import { mediaTypes } from '../../../src/storage/artifact-rows.js';
import { exportOnnx } from '../../engine/index.js';
import type { ModelWeights } from '../../models/model-weights.js';
import { isInTransformers } from '../in-transformers.js';
import { mediaTypeOf } from '../kept-files.js';
import { baseCardFile, modelCard } from './card.js';
import { configJson, originalConfig } from './config-json.js';
import type { ExportContext } from './export-context.js';
import { formOfGraph, graphNotes, graphWeights, headNotes, recorded, writeGraphs } from './graph-files.js';
import { handOnFiles } from './handed-on.js';
import { jsonFile } from './json-file.js';
import { onnxFunction, onnxInputs } from './onnx-function.js';
import { fenced } from './python-code.js';

const modelFile = 'model.onnx';

/**
 * Writes a model as one ONNX graph from token ids to logits, batch size and number of tokens free, for any runtime;
 * from 2 GB on with its weights in a file beside it. A low-rank adapter is merged; regression heads give numbers in the
 * unit of the data.
 */
export async function exportAsOnnx(context: ExportContext, weights: ModelWeights): Promise<void> {
  const { manifest, modelDigest, write } = context;
  const { config } = manifest;
  const inputs = onnxInputs(manifest);
  const files = recorded(() =>
    exportOnnx(graphWeights(manifest, weights), inputs, onnxFunction(manifest), {
      fileName: modelFile,
      dimensions: { sequence: { maximum: manifest.contextLength } },
      metadata: graphNotes(manifest, modelDigest),
    }),
  );
  await writeGraphs(context, '', files);
  await write('heads.json', jsonFile(headNotes(manifest)), mediaTypes.json);
  if (isInTransformers(config)) {
    const form = formOfGraph(manifest);
    const keys = configJson(manifest, config, form, await originalConfig(context), null);
    await write('config.json', jsonFile(keys), mediaTypes.json);
  }
  const handedOn = await handOnFiles(context);
  const card = modelCard({
    manifest,
    modelDigest,
    readsPairs: context.readsPairs,
    usage: onnxUsage(manifest, Object.keys(inputs), context.readsPairs),
    library: 'onnx',
    hasBaseCard: handedOn.has(baseCardFile),
  });
  await write('README.md', Buffer.from(card), mediaTypeOf('README.md'));
}

function onnxUsage(manifest: ModelManifest, inputs: readonly string[], readsPairs: boolean): string {
  const maxLength = manifest.maxLength ?? manifest.contextLength;
  return [
    `\`${modelFile}\` takes ${inputs.map((name) => `\`${name}\``).join(', ')}: int64 [batch, sequence], padding on the right. \`heads.json\` names its outputs.`,
    '',
    fenced(
      'python',
      'import numpy, onnxruntime, tokenizers',
      '',
      'tokenizer = tokenizers.Tokenizer.from_file("tokenizer.json")',
      `tokenizer.enable_truncation(${maxLength}${manifest.truncationSide === 'left' ? ', direction="left"' : ''})`,
      'tokenizer.enable_padding()',
      `session = onnxruntime.InferenceSession("${modelFile}")`,
      '',
      readsPairs
        ? 'encoded = tokenizer.encode_batch([("a text", "its second text"), ("another one", "and its second")])'
        : 'encoded = tokenizer.encode_batch(["a text", "another one"])',
      'feeds = {',
      '    "input_ids": numpy.array([e.ids for e in encoded]),',
      '    "attention_mask": numpy.array([e.attention_mask for e in encoded]),',
      ...(inputs.includes('token_type_ids')
        ? [
            givesTokenTypes(manifest)
              ? '    "token_type_ids": numpy.array([e.type_ids for e in encoded]),'
              : '    "token_type_ids": numpy.array([[0] * len(e.ids) for e in encoded]),',
          ]
        : []),
      '}',
      'outputs = session.run(None, feeds)',
    ),
  ].join('\n');
}
