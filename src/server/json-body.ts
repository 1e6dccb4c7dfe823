import type { Handler, HttpRequest } from './handler.js';
import { checkJsonBody, RefusedBodyError } from './json-weight.js';

/** A body of JSON, with or without parameters such as a charset. */
const jsonType = /^application\/json[\t ]*(?:;|$)/i;
const charset = /;[\t ]*charset[\t ]*=[\t ]*"?([^\s;"]+)/i;

/**
 * Reads a body of JSON into `request.body`, as express.json does; what is no JSON stays unread. Compressed bodies are
 * left to `otherwise`.
 */
export function jsonBody(maxBytes: number, otherwise: Handler): Handler {
  return async (request, response, next) => {
    const { 'content-type': type, 'content-encoding': coding, 'content-length': length } = request.headers;
    if (length === undefined && request.headers['transfer-encoding'] === undefined) return next();
    if (type === undefined || !jsonType.test(type) || (coding !== undefined && coding !== 'identity')) {
      return otherwise(request, response, next);
    }
    const bytes = await read(request, maxBytes);
    checkJsonBody(request, response, bytes, (charset.exec(type)?.[1] ?? 'utf-8').toLowerCase());
    request.body = parse(bytes);
    next();
  };
}

async function read(request: HttpRequest, maxBytes: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) settle(() => reject(tooLarge(maxBytes)));
      else chunks.push(chunk);
    };
    const onEnd = (): void => settle(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    const onGone = (): void => settle(() => reject(new RefusedBodyError(400, 'The request was aborted.')));
    const settle = (then: () => void): void => {
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      // What is left of the body is not read: the connection closes (whole-requests.ts).
      if (!request.complete) request.pause();
      then();
    };
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

const byteOrderMark = '\uFEFF';

/** @throws RefusedBodyError */
function parse(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  const json = text.startsWith(byteOrderMark) ? text.slice(1) : text;
  if (json === '') return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw new RefusedBodyError(400, `The body is not JSON: ${(error as Error).message}.`);
  }
  throw new RefusedBodyError(400, 'The body is not JSON: it is neither an object nor a list.');
}

function tooLarge(maxBytes: number): RefusedBodyError {
  return new RefusedBodyError(413, `The body is larger than ${maxBytes} bytes.`, 'REQUEST_TOO_LARGE');
}
