import type { NamedRow } from '../setting.js';

/** Row ids of the objects that a spec names by their digests, beside its base model and its data. */
export interface ReferredIds {
  /** The dataset version of the control texts, or of a policy's judged answers; null without any. */
  readonly controlVersionId: string | null;
  /** The model that a policy is compared with; null without one. */
  readonly referenceModelId: string | null;
}

/** The same objects with their names for people. */
export interface ReferredRows {
  readonly controlVersion: NamedRow | null;
  readonly referenceModel: NamedRow | null;
}

/** Their digests, as a spec has them. */
export interface ReferredDigests {
  readonly control: string | null;
  readonly reference: string | null;
}

/** An object that an input names: its id in the graph, and where it names it. */
export interface AskedObject {
  readonly id: string;
  readonly path: readonly string[];
}
