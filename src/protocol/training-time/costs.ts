/**
 * What each kind of work costs, in seconds of one thread of one machine: a Xeon with AVX-512. They are fitted to the
 * updates of thirty models (BERT, GPT-2 and Llama; 2 to 8 layers of 128 to 768; 16 to 512 tokens); what sets another
 * machine apart is its `MachineSpeed`. `npm run bench:plan` compares sums of them with whole trainings.
 */
export const costs = {
  // Of the engine: see `Arithmetic`.
  product: 6.8e-12,
  state: 2.4e-8,
  stateOfDecoder: 4.5e-8,
  score: 1.4e-9,
  logit: 6.5e-9,
  /** A run of a graph. */
  run: 4e-4,
  /** A layer in a run of a few rows, where products cost this many times as much. */
  layerOfRun: 4e-4,
  fewRows: 4,
  /** A weight held in fewer bits, which becomes float32 for a product. */
  heldWeight: 6e-9,

  /** A number of the table of tokens that logits are made with, which has a gradient in full. */
  tableWeight: 5e-9,

  // Of one thread.
  /** Reading a dataset version, and what else comes first. */
  start: 0.3,
  /** Tokenization. */
  token: 5e-6,
  readByte: 5e-10,
  /** Tracing and compiling the graph of a step, and of a forward pass. */
  graph: 0.35,
  layerOfGraph: 0.08,
  forwardGraph: 0.07,
  layerOfForwardGraph: 0.018,
  /** Collecting a batch, and what it gave. */
  batch: 2e-4,
  /** An optimizer update with its metrics. */
  update: 6e-4,
  updatedParameter: 4e-9,
  /** Writing and hashing. */
  file: 5e-3,
  checkpointByte: 1.5e-9,
  modelByte: 1.5e-9,
} as const;
