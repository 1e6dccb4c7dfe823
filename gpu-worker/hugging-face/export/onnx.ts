import { Readable } from 'node:stream';
import { type ModelHead, readsTokens } from '../../../src/protocol/heads.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { givesTokenTypes } from '../../../src/protocol/token-types.js';
import { mediaTypes } from '../../../src/storage/artifact-rows.js';
import { EngineError, exportOnnx } from '../../engine/index.js';
import { headOf, headShapes } from '../../heads/index.js';
import type { ModelWeights } from '../../models/model-weights.js';
import { ProblemError } from '../../problem-error.js';
import { mapTensor, toDataUnit } from '../data-unit.js';
import { isInTransformers } from '../in-transformers.js';
import { mediaTypeOf } from '../kept-files.js';
import { baseCardFile, modelCard } from './card.js';
import { configJson, originalConfig } from './config-json.js';
import type { ExportContext } from './export-context.js';
import { handOnFiles } from './handed-on.js';
import { jsonFile } from './json-file.js';
import { hasTokenClass } from './layout.js';
import { headOutput, onnxFunction, onnxInputs } from './onnx-function.js';
import { fenced } from './python-code.js';

const modelFile = 'model.onnx';

/**
 * Writes a model as one ONNX graph from token ids to logits, batch size and number of tokens free, for any runtime;
 * from 2 GB on with its weights in a file beside it. A low-rank adapter is merged; regression heads give numbers in the
 * unit of the data.
 */
export async function exportAsOnnx(context: ExportContext, weights: ModelWeights): Promise<void> {
  const { manifest, modelDigest, meter, write } = context;
  const { config, heads } = manifest;
  const specs = [
    ...manifest.layers.flatMap(({ tensors }) => tensors),
    ...heads.flatMap((head) => headShapes(headOf(head), config)),
  ];
  const maps = toDataUnit(heads);
  const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
  const value = async (name: string) => mapTensor(await weights.read(name), shapes.get(name) ?? [], maps.get(name));
  const inputs = onnxInputs(manifest);
  const files = recorded(() =>
    exportOnnx({ specs, value }, inputs, onnxFunction(manifest), {
      fileName: modelFile,
      dimensions: { sequence: { maximum: manifest.contextLength } },
      metadata: { attune_model: modelDigest, attune_heads: JSON.stringify(headNotes(manifest)) },
    }),
  );
  meter.expect(files.reduce((sum, { byteLength }) => sum + byteLength, 0));
  for (const { name, chunks } of files) {
    const counted = async function* () {
      for await (const chunk of chunks()) {
        meter.advance(name, chunk.byteLength);
        yield chunk;
      }
    };
    await write(name, Readable.from(counted(), { objectMode: false }), 'application/octet-stream');
  }
  await write('heads.json', jsonFile(headNotes(manifest)), mediaTypes.json);
  if (isInTransformers(config)) {
    const [head, ...others] = heads;
    const ofTokens = hasTokenClass(config) ? 'tokenClassifier' : 'bare';
    const ofOne = head !== undefined && readsTokens(head) ? ofTokens : 'textClassifier';
    const form = head === undefined || others.length > 0 ? 'bare' : ofOne;
    await write(
      'config.json',
      jsonFile(configJson(manifest, config, form, await originalConfig(context), null)),
      mediaTypes.json,
    );
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

/**
 * Calls `record`. Errors: ProblemError UNSUPPORTED_EXPORT for a model that cannot be recorded for every size, such as
 * one with too few positions.
 */
function recorded<T>(record: () => T): T {
  try {
    return record();
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'INVALID_FUNCTION') throw error;
    throw new ProblemError(
      {
        path: ['format'],
        code: 'UNSUPPORTED_EXPORT',
        message: `the model cannot be written as one graph for all lengths: ${error.message}`,
        hint: null,
      },
      { cause: error },
    );
  }
}

/** Says of each head which output is its own, and what the output's numbers stand for. */
function headNotes(manifest: ModelManifest) {
  return manifest.heads.map((head) => ({ ...noteOf(head, headOutput(manifest, head.task)) }));
}

/** Single-label classification has no `kind`, as in the first release. */
function noteOf(head: ModelHead, output: string): Record<string, unknown> {
  const { task, kind } = head;
  switch (kind) {
    case 'classification':
      return { task, output, labels: head.labels };
    case 'multiLabel':
      return { kind, task, output, labels: head.labels, function: 'sigmoid', thresholds: head.thresholds };
    case 'regression': {
      const { means, scales } = head;
      // Whoever reads means and scales must not apply them once more.
      return { kind, task, output, names: head.outputs, standardization: { means, scales, isApplied: true } };
    }
    case 'tokenClassification':
      return { kind, task, output, labels: head.labels, scheme: head.scheme, readAt: 'the first token of each word' };
    default:
      return head satisfies never;
  }
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
