import { join } from 'node:path';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { headOutput } from '../../hugging-face/export/onnx-function.js';
import type { Computed, OutputKind } from '../certified-model.js';
import type { RowsToCheck } from '../checked-rows.js';
import { hasPoolerOutput } from '../fresh-graph.js';
import { type GraphOutput, outputOfHead, runOnnxFile } from '../onnx-session.js';

/** A graph of an export, and what it is run with. */
interface GraphFile {
  readonly folder: string;
  readonly name: string;
  readonly kind: OutputKind;
  readonly manifest: ModelManifest;
  readonly rows: RowsToCheck;
  readonly threads: number;
  readonly onProgress: () => void;
}

/** Runs a graph of an export as ONNX. */
export function runExportedGraph({
  folder,
  name,
  kind,
  manifest,
  rows,
  threads,
  onProgress,
}: GraphFile): Promise<Computed[]> {
  const { config } = manifest;
  const widest = kind === 'tokens' ? config.vocabularySize : config.hiddenSize;
  return runOnnxFile(join(folder, name), outputsOf(kind, manifest), rows, { threads, widest }, onProgress);
}

function outputsOf(kind: OutputKind, manifest: ModelManifest): GraphOutput[] {
  switch (kind) {
    case 'heads':
      return manifest.heads.map((head) => outputOfHead(head, headOutput(manifest, head.task)));
    case 'tokens':
      return [{ output: 'logits', name: 'logits of tokens', head: null, rows: 'picked' }];
    case 'states':
      return [
        { output: 'last_hidden_state', name: 'last_hidden_state', head: null, rows: 'tokens' },
        ...(hasPoolerOutput(manifest)
          ? [{ output: 'pooler_output', name: 'pooler_output', head: null, rows: 'texts' } as const]
          : []),
      ];
    case 'embedding':
      return [{ output: 'embedding', name: 'embedding', head: null, rows: 'texts' }];
    default:
      return kind satisfies never;
  }
}
