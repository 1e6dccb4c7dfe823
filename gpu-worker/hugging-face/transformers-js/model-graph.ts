import type { ExportInput, ForwardFunction } from '../../engine/index.js';
import type { ExportForm } from '../export/layout.js';

/** A model's graph as transformers.js runs it. */
export interface ModelGraph {
  /** The class of transformers that it stands for. */
  readonly form: ExportForm;
  readonly inputs: Readonly<Record<string, ExportInput>>;
  readonly forward: ForwardFunction;
  /** The largest sizes of dimensions, by name. */
  readonly maxima: Readonly<Record<string, number>>;
  /** Inputs and outputs that are float16 in the variant of that type. */
  readonly inHalf: ReadonlySet<string>;
}
