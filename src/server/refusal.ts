import type { Response } from 'express';

/** Why a request for a file, or with one, is refused. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Answers `{code, message, hint}` as JSON. */
export function answerRefusal(response: Response, { status, code, message, hint }: Refusal): void {
  response.status(status).json({ code, message, hint });
}
