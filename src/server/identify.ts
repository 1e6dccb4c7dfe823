import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { AuthenticationError } from '../access/authenticate.js';
import type { Viewer } from '../access/viewer.js';
import { answerJson, type Handler } from './handler.js';
import { type Identify, TooManyAttemptsError } from './limit-attempts.js';

/** Finds out who sends requests. */
export interface Identification {
  readonly identify: Identify;
  /** Middleware for programs: answers 401 with a GraphQL error when the sender is unknown. */
  readonly ofClient: Handler;
  /**
   * Middleware for pages that a person opens: sends the browser to the sign-in or, without sign-in, asks for an API
   * key.
   */
  readonly ofPerson: RequestHandler;
  /** The viewer of a request that has passed one of the two. */
  viewerOf(request: IncomingMessage): Viewer;
}

/** @param signInPath where people sign in; null: the server has no sign-in */
export function createIdentification(identify: Identify, signInPath: string | null): Identification {
  const viewers = new WeakMap<IncomingMessage, Viewer>();
  const identifying =
    <Req extends IncomingMessage, Res extends ServerResponse>(
      refuse: (response: Res, error: AuthenticationError, request: Req) => void,
    ) =>
    async (request: Req, response: Res, next: () => void): Promise<void> => {
      try {
        viewers.set(request, await identify(request));
      } catch (error) {
        if (error instanceof TooManyAttemptsError) refuseAttempts(response, error);
        else if (error instanceof AuthenticationError) refuse(response, error, request);
        else throw error;
        return;
      }
      next();
    };
  return {
    identify,
    ofClient: identifying((response, { code, message }) => {
      response.statusCode = 401;
      response.setHeader('www-authenticate', 'Bearer realm="Attune"');
      answerJson(response, { errors: [{ message, extensions: { code } }] });
    }),
    ofPerson: identifying((response: Response, { message }, request: Request) => {
      // Only requests for a page are redirected. Requests for the page's files accept any type, so they are not.
      if (signInPath !== null && request.method === 'GET' && request.accepts(['json', 'html']) === 'html') {
        response.redirect(303, `${signInPath}?returnTo=${encodeURIComponent(request.originalUrl)}`);
        return;
      }
      response
        .status(401)
        .set('www-authenticate', 'Basic realm="Attune: an API key as the password, any name", charset="UTF-8"');
      response.type('text/plain').send(message);
    }),
    viewerOf(request) {
      const viewer = viewers.get(request);
      if (viewer === undefined) throw new Error('A request reached its handler without identification.');
      return viewer;
    },
  };
}

function refuseAttempts(response: ServerResponse, { code, message, retryAfterSeconds }: TooManyAttemptsError): void {
  response.statusCode = 429;
  response.setHeader('retry-after', String(retryAfterSeconds));
  answerJson(response, { errors: [{ message, extensions: { code, retryAfterSeconds } }] });
}
