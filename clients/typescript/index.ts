/** The client for browsers and for Node from 22 on; `node.ts` has what Node has besides. */
export { type AttuneClient, type ClientOptions, createClient, type RequestOptions } from './client.js';
export { AttuneError, ConnectionError, type OperationError, ProblemsError, RefusedError } from './errors.js';
export { blobSource, bytesSource, type FileSource } from './file-source.js';
export { newIdempotencyKey } from './idempotency-key.js';
export { allNodes, lastOf, type Page } from './pages.js';
export type { Problem } from './problem.js';
export { isProblems, orThrow, type Problems } from './problems.js';
export type { SubscribeOptions } from './subscription.js';
export type { MutationDocument, QueryDocument, ResultOf, SubscriptionDocument } from './typed-document.js';
export type { UploadOptions } from './upload.js';
