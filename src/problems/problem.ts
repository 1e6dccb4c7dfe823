import type { Problem } from '../protocol/run-event.js';

/** The codes that a client can branch on. Each is also a value of the GraphQL enum `ProblemCode`. */
export const problemCodes = {
  INVALID_VALUE: 'A value has the wrong form, or lies outside its range.',
  REQUIRED: 'A required value was not given.',
  NOT_FOUND: 'No object with this id or name exists, or the viewer may not see it.',
  ALREADY_EXISTS: 'The name is already taken.',
  FORBIDDEN: "The viewer's role in the project, or the scopes of the API key, do not allow this.",
  QUOTA_EXCEEDED: 'The project has reached a limit; the message names the limit and the present use.',
  IN_USE: 'Other objects use the object, or came out of it; `usedBy` names them.',
  CONFLICT: "The object's present state does not allow this.",
  IDEMPOTENCY_KEY_REUSED: 'The idempotency key was used before with another input.',
  UNKNOWN_COLUMN: 'The dataset version has no column of this name.',
  UNCLEAR_COLUMN: 'Several columns could be meant by their roles; `candidates` names them.',
  WRONG_COLUMN_TYPE: 'The column holds values of another type than required.',
  UNKNOWN_SPLIT: 'The dataset version has no split of this name.',
  EMPTY_SPLIT: 'The split holds no examples, or no examples with the required labels.',
  TOO_FEW_LABELS:
    'A classifier needs at least two different labels in the training split, a multi-label head at least one.',
  TOO_MANY_LABELS: 'The column has more different values than a head may have labels.',
  UNKNOWN_LABEL: 'A label is not among those of the training split, or of the model.',
  UNLEARNABLE_ROWS: 'Rows can not be learned as conversations; the message names the first.',
  UNEQUAL_LENGTHS: 'A row has a different number of tags than words.',
  UNKNOWN_TASK: 'The model has no head of this name.',
  UNKNOWN_METRIC: 'The method records no metric of this key.',
  UNKNOWN_MODULE: 'The model has no module of this name that an adapter could be added to.',
  NO_HEAD: 'The model has no head: train one first.',
  INVALID_SCHEMA:
    'The JSON Schema is none, allows nothing, or has a keyword that answers can not be held to; the path leads to it.',
  PROMPT_TOO_LONG: "The prompt has more tokens than the model's context has room for; the message has the figures.",
  EMPTY_PROMPT: 'The prompt has no token, and the model has none that begins a text.',
  NO_CHAT_TEMPLATE: 'The model has no chat template: it continues texts, and answers no conversations.',
  EMPTY_TEXT: 'A text to predict for is empty, or holds only white space.',
  TOO_LONG: 'A text, a list or a length exceeds its limit.',
  UPLOAD_NOT_READY: 'The upload has not been received, has expired, or was used already.',
  INVALID_FILE: 'The uploaded file could not be read as its format.',
  WRONG_FORMAT: 'The uploaded file has another format or encoding than declared.',
  EMPTY_FILE: 'The uploaded file has no rows.',
  NO_VALID_ROWS: 'None of the rows of the uploaded file could be read; the message gives the reason for the first row.',
  NO_ROWS_LEFT: 'A step of the recipe leaves no row, or none can be written in the form of an export.',
  TOO_MANY_REJECTED:
    'More rows of the uploaded file could not be read than the input allows; the message gives the first reasons.',
  UNCLEAR_HEADER: 'The first line of the uploaded file may name the columns or be data: the input has to say which.',
  INVALID_COLUMN_NAME: 'A column of the file has no name, a name that is taken, or a reserved name.',
  TOO_LARGE: 'The file exceeds the size limit.',
  TOO_MANY_WAITING: 'So many appended examples wait that no more are taken: make a version of them, or discard them.',
  NO_EXAMPLES_WAITING: 'No example that was appended to the dataset waits to become part of a version.',
  DISK_FULL: 'The server has no space left for this.',
  REWARD_MODEL_UNPROVEN:
    'The reward model is not known to be better than chance on pairs that it did not learn; the message has the figures.',
  REWARD_SERVICE_FAILED:
    'A reward service could not be reached, refused the request, or answered what are no rewards; the message says which.',
  WORKER_UNAVAILABLE: 'No worker is connected that could do the work.',
  TIMEOUT: 'The work was not finished in time. It may be repeated.',
  OUT_OF_MEMORY: 'The worker has too little memory for this; the message names what needed it.',
  NON_FINITE_LOGITS: 'The model gives numbers that are infinite or none: its weights are too large, or damaged.',
  NON_FINITE_LOSS: 'The loss became infinite or not a number: the learning rate is probably too high.',
  MISSING_ARTIFACT: 'A file is missing from the artifact store.',
  INVALID_MODEL: "The model's files are damaged, or do not match its manifest.",
  NO_ADAPTER: 'The model has no adapter: only a model that was trained as an adapter can be exported as one.',
  UNSUPPORTED_MODEL:
    "The model's architecture, an option of it, or its file format is not supported; the message says which.",
  UNSUPPORTED_EXPORT: 'A model of this family can not be written in this format.',
  PARITY_FAILED:
    'What was exported does not compute what the model does; the message says which number differs, and by how much.',
  ACCESS_DENIED:
    'The model hub refuses access (a token is missing, wrong, or without rights), or the worker may not read a folder or file.',
  LICENCE_DENIED: "The project's licence policy refuses the licence of the model; the message says why.",
  HUB_UNAVAILABLE: 'The model hub can not be reached, or kept failing.',
  CHECKSUM_MISMATCH:
    'A file is not the one that was meant: a downloaded one by the checksum of the model hub, an uploaded one by what createUpload was told.',
  INVALID_CHECKPOINT: 'The checkpoint is damaged, or belongs to another experiment.',
  TARGET_UNAVAILABLE: "The requested engine can not work on the worker's machine.",
  WORKER_LOST: 'The worker was lost several times in a row without progress.',
  JOB_FAILED: 'The worker reported another failure; the message describes it.',
} as const satisfies Readonly<Record<string, string>>;

export type ProblemCode = keyof typeof problemCodes;

/** A problem in a request; `path` points into the mutation's input. */
export interface InputProblem extends Problem {
  readonly code: ProblemCode;
  /** The columns that could be meant. Default: none. */
  readonly candidates?: readonly string[];
  /** The objects that stand in the way, by their type's name, row id and name. Default: none. */
  readonly usedBy?: readonly { readonly kind: string; readonly id: string; readonly name: string }[];
}

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemCodes, code);
}

/** An expected failure of a service. Reaches the client as the `Problems` member of a mutation's result union. */
export class ProblemsError extends Error {
  override readonly name = 'ProblemsError';
  readonly problems: readonly InputProblem[];

  constructor(problems: readonly InputProblem[]) {
    super(problems.map((problem) => `${problem.path.join('.')}: ${problem.message}`).join('; '));
    this.problems = problems;
  }
}

/** A problem; by default without a hint. */
export function problem(path: readonly string[], code: ProblemCode, message: string, hint: string | null = null) {
  return { path: [...path], code, message, hint } satisfies InputProblem;
}
