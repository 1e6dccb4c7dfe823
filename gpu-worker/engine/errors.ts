/** The kinds of failures. Code may branch on them, and they are stored as a run's failure code. */
export type EngineErrorCode =
  /** A function under trace asked for a tensor's value (`dataSync`, `array`, control flow on numbers). */
  | 'TRACED_VALUE_READ'
  /** tfjs asked for a kernel that has no lowering. */
  | 'UNKNOWN_KERNEL'
  /** A lowering met a dtype, rank or attribute it does not cover. */
  | 'UNSUPPORTED_KERNEL'
  /** A JavaScript array of more than a few KB went into a trace, where it would be frozen into the graph. */
  | 'LARGE_CONSTANT'
  /** The traced function's result has the wrong shape, dtype or origin. */
  | 'INVALID_FUNCTION'
  /** The graph's serialized form exceeds protobuf's 2 GB. */
  | 'GRAPH_TOO_LARGE'
  /** ONNX Runtime refused the graph or failed while running it. */
  | 'RUNTIME'
  /** A feed is missing, unknown, or of the wrong length or type. */
  | 'INVALID_FEED'
  /** Parameter names, shapes or values that do not fit together. */
  | 'INVALID_PARAMETERS'
  /** A forced target cannot work on this machine. */
  | 'TARGET_UNAVAILABLE'
  /** An object was used after `release`. */
  | 'RELEASED';

/** A failure of the engine. The message says what to change. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
