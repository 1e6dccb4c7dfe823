// Written by `npm run client` from the .graphql files beside it.
import type { MutationDocument, QueryDocument } from '../typed-document.js';

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type CreateUploadInput = {
  readonly fileName: string;
  readonly format?: FileFormat;
  readonly idempotencyKey?: string | null | undefined;
  readonly projectSlug?: string | null | undefined;
  readonly sha256?: string | null | undefined;
  readonly sizeBytes?: number | string | null | undefined;
};

export type FileFormat =
  | 'AUTO'
  | 'CONLL'
  | 'CSV'
  | 'EXCEL'
  | 'JSON'
  | 'JSONL'
  | 'PARQUET'
  | 'TSV';

export type ProblemCode =
  | 'ACCESS_DENIED'
  | 'ALREADY_EXISTS'
  | 'CHECKSUM_MISMATCH'
  | 'CONFLICT'
  | 'DISK_FULL'
  | 'EMPTY_FILE'
  | 'EMPTY_PROMPT'
  | 'EMPTY_SPLIT'
  | 'EMPTY_TEXT'
  | 'FORBIDDEN'
  | 'HUB_UNAVAILABLE'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'INVALID_CHECKPOINT'
  | 'INVALID_COLUMN_NAME'
  | 'INVALID_FILE'
  | 'INVALID_MODEL'
  | 'INVALID_SCHEMA'
  | 'INVALID_VALUE'
  | 'IN_USE'
  | 'JOB_FAILED'
  | 'LICENCE_DENIED'
  | 'MISSING_ARTIFACT'
  | 'NON_FINITE_LOGITS'
  | 'NON_FINITE_LOSS'
  | 'NOT_FOUND'
  | 'NO_ADAPTER'
  | 'NO_CHAT_TEMPLATE'
  | 'NO_EXAMPLES_WAITING'
  | 'NO_HEAD'
  | 'NO_ROWS_LEFT'
  | 'NO_VALID_ROWS'
  | 'OUT_OF_MEMORY'
  | 'PARITY_FAILED'
  | 'PROMPT_TOO_LONG'
  | 'QUOTA_EXCEEDED'
  | 'REQUIRED'
  | 'REWARD_MODEL_UNPROVEN'
  | 'REWARD_SERVICE_FAILED'
  | 'TARGET_UNAVAILABLE'
  | 'TIMEOUT'
  | 'TOO_FEW_LABELS'
  | 'TOO_LARGE'
  | 'TOO_LONG'
  | 'TOO_MANY_LABELS'
  | 'TOO_MANY_REJECTED'
  | 'TOO_MANY_WAITING'
  | 'UNCLEAR_COLUMN'
  | 'UNCLEAR_HEADER'
  | 'UNEQUAL_LENGTHS'
  | 'UNKNOWN_COLUMN'
  | 'UNKNOWN_LABEL'
  | 'UNKNOWN_METRIC'
  | 'UNKNOWN_MODULE'
  | 'UNKNOWN_SPLIT'
  | 'UNKNOWN_TASK'
  | 'UNLEARNABLE_ROWS'
  | 'UNSUPPORTED_EXPORT'
  | 'UNSUPPORTED_MODEL'
  | 'UPLOAD_NOT_READY'
  | 'WORKER_LOST'
  | 'WORKER_UNAVAILABLE'
  | 'WRONG_COLUMN_TYPE'
  | 'WRONG_FORMAT';

export type UploadStatus =
  | 'CONSUMED'
  | 'RECEIVED'
  | 'WAITING';

export type CreateUploadMutationVariables = Exact<{
  input: CreateUploadInput;
}>;


export type CreateUploadMutation = { readonly createUpload:
    | { readonly __typename: 'Problems', readonly problems: ReadonlyArray<{ readonly path: ReadonlyArray<string>, readonly code: ProblemCode, readonly message: string, readonly hint: string | null }> }
    | { readonly __typename: 'Upload', readonly id: string, readonly url: string, readonly receivedBytes: number | string }
   };

export type PendingUploadsQueryVariables = Exact<{
  projectSlug?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type PendingUploadsQuery = { readonly project: { readonly pendingUploads: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly url: string, readonly fileName: string, readonly format: FileFormat, readonly sizeBytes: number | string | null, readonly sha256: string | null, readonly receivedBytes: number | string, readonly status: UploadStatus }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } | null } | null };

export type LastEventSeqQueryVariables = Exact<{
  projectSlug?: string | null | undefined;
}>;


export type LastEventSeqQuery = { readonly project: { readonly lastEventSeq: number } | null };

export const CreateUpload: MutationDocument<CreateUploadMutation, CreateUploadMutationVariables> = {
  kind: 'mutation',
  name: 'CreateUpload',
  isKeyed: true,
  text: "mutation CreateUpload($input:CreateUploadInput!){createUpload(input:$input){__typename ...on Upload{id url receivedBytes}...on Problems{problems{path code message hint}}}}",
};

export const PendingUploads: QueryDocument<PendingUploadsQuery, PendingUploadsQueryVariables> = {
  kind: 'query',
  name: 'PendingUploads',
  text: "query PendingUploads($projectSlug:String$after:String){project(slug:$projectSlug){pendingUploads(first:100 after:$after){nodes{id url fileName format sizeBytes sha256 receivedBytes status}pageInfo{hasNextPage endCursor}}}}",
};

export const LastEventSeq: QueryDocument<LastEventSeqQuery, LastEventSeqQueryVariables> = {
  kind: 'query',
  name: 'LastEventSeq',
  text: "query LastEventSeq($projectSlug:String){project(slug:$projectSlug){lastEventSeq}}",
};
