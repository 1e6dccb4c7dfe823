import type { BaseModelRow } from '../models/base-model.reads.js';
import { ProblemsError, problem } from '../problems/problem.js';
import type { ExportJob } from '../protocol/job.js';
import { predictedTokensOf } from '../protocol/predicts-tokens.js';
import type { ExportModelInput } from './model-export.input.js';

/**
 * What the job of an export has of the format GGUF; nothing for other formats. Throws ProblemsError for a model that
 * llama.cpp cannot run, as far as that is known without its files.
 */
export function ggufOptions(
  { name, manifest }: Pick<BaseModelRow, 'name' | 'manifest'>,
  { format, ggufType }: Pick<ExportModelInput, 'format' | 'ggufType'>,
): Pick<ExportJob, 'gguf'> {
  if (format !== 'gguf') {
    if (ggufType == null) return {};
    const message = 'Only the format GGUF has such types of numbers.';
    throw new ProblemsError([
      problem(['ggufType'], 'INVALID_VALUE', message, 'Leave ggufType out, or export as GGUF.'),
    ]);
  }
  if (predictedTokensOf(manifest) !== 'causal') {
    const message = `“${name}” does not predict the next token, and llama.cpp runs models that do.`;
    throw new ProblemsError([problem(['format'], 'UNSUPPORTED_EXPORT', message, 'Export it as ONNX.')]);
  }
  return { gguf: { type: ggufType ?? 'F16', modelName: name } };
}
