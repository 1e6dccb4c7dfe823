/** NOTIFY channels. A notification is a latency hint only: every reader also polls. Payloads fit in 100 bytes. */
export const channels = {
  /** `<run id>:<last seq>` after events were appended. */
  runEvents: 'attune_run_events',
  /** `<generation id>:<last seq>` after events were appended. */
  generationEvents: 'attune_generation_events',
  /** `<feedback task id>:<last seq>` after events were appended. */
  feedbackEvents: 'attune_feedback_events',
  /** `<feedback loop id>:<last seq>` after events were appended. */
  feedbackLoops: 'attune_feedback_loops',
  /** `<project id>:<last seq>` after events were appended, by the database itself. */
  projectEvents: 'attune_project_events',
  /** An empty payload after deliveries of webhooks became due. */
  webhooks: 'attune_webhooks',
  /** The lane's name after a job was queued in it. */
  jobQueued: 'attune_job_queued',
  /** `<job id>` after a job was settled. */
  jobSettled: 'attune_job_settled',
  /** `<id>` after an import or export of a model got further, or it or an evaluation changed its status. */
  transfers: 'attune_transfers',
  /** `<run, import, export, batch prediction or generation id>` after cancel or pause was asked for. */
  runControl: 'attune_run_control',
  /** `<worker id>` after a worker's row changed. */
  workers: 'attune_workers',
  /**
   * `<user id>` after something that decides what the user may do has changed, `<project id>` after a project was
   * deleted (triggers in the database notify).
   */
  access: 'attune_access',
} as const;
