/** The fence: another attempt has the job, or it is settled. Whatever this attempt still has to write is void. */
export class AttemptOver extends Error {
  readonly code = 'ATTEMPT_OVER';

  constructor(jobId: string, attempt: number) {
    super(`Attempt ${attempt} of job ${jobId} is over: another worker has it, or it is settled.`);
    this.name = 'AttemptOver';
  }
}
