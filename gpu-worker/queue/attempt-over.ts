/**
 * The fence against stale writes: another attempt has the job, or the job is settled. This attempt may write nothing
 * more.
 */
export class AttemptOver extends Error {
  readonly code = 'ATTEMPT_OVER';

  constructor(jobId: string, attempt: number) {
    super(`Attempt ${attempt} of job ${jobId} is over: another worker has the job, or the job is settled.`);
    this.name = 'AttemptOver';
  }
}
