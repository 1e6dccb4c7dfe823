import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tasks in which people answer questions about items, their answers, and feedback that applications send. */
export class Feedback1764000072000 implements MigrationInterface {
  name = 'Feedback1764000072000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE feedback_tasks (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        -- FeedbackQuestion; its kind for lists.
        question jsonb NOT NULL,
        kind text GENERATED ALWAYS AS (question ->> 'kind') STORED,
        status text NOT NULL CHECK (status IN ('PREPARING', 'OPEN', 'PAUSED', 'CLOSED', 'FAILED')),
        -- Why it is closed; null while it is not.
        closed_reason text CHECK (closed_reason IN ('BY_REQUEST', 'ITEMS_SETTLED', 'ANSWERS_REACHED', 'AGREEMENT_REACHED')),
        CHECK ((closed_reason IS NOT NULL) = (status = 'CLOSED')),
        problem jsonb,
        -- FeedbackOverlap and FeedbackEnds.
        overlap jsonb NOT NULL,
        ends jsonb NOT NULL,
        item_order text NOT NULL,
        random_share float8 NOT NULL CHECK (random_share BETWEEN 0 AND 1),
        blind boolean NOT NULL,
        claim_seconds int NOT NULL CHECK (claim_seconds > 0),
        gold_share float8 NOT NULL CHECK (gold_share BETWEEN 0 AND 1),
        repeat_share float8 NOT NULL CHECK (repeat_share BETWEEN 0 AND 1),
        -- Who may take part, of those who may annotate in the project; null: all of them.
        participants uuid[],
        -- The order of answers on the screen is drawn from it, the item and the person.
        seed bigint NOT NULL,
        instructions_version int NOT NULL DEFAULT 1,
        -- The number of the newest item, and how many there are and were, without gold items where these are not named.
        last_position bigint NOT NULL DEFAULT 0,
        item_count bigint NOT NULL DEFAULT 0,
        gold_count bigint NOT NULL DEFAULT 0,
        settled_count bigint NOT NULL DEFAULT 0,
        answer_count bigint NOT NULL DEFAULT 0,
        gold_answer_count bigint NOT NULL DEFAULT 0,
        repeat_count bigint NOT NULL DEFAULT 0,
        skip_count bigint NOT NULL DEFAULT 0,
        flag_count bigint NOT NULL DEFAULT 0,
        -- The end of its log.
        last_seq bigint NOT NULL DEFAULT 0,
        created_by uuid REFERENCES users,
        created_at timestamptz NOT NULL DEFAULT now(),
        -- First opened; not again after a pause.
        opened_at timestamptz,
        closed_at timestamptz
      );
      CREATE INDEX feedback_tasks_by_project ON feedback_tasks (project_id, created_at DESC, id DESC);

      -- Every version of the instructions stays: answers name the one that they were given under.
      CREATE TABLE feedback_instructions (
        task_id uuid NOT NULL REFERENCES feedback_tasks ON DELETE CASCADE,
        version int NOT NULL,
        text text NOT NULL,
        created_by uuid REFERENCES users,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (task_id, version)
      );

      CREATE TABLE feedback_items (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        task_id uuid NOT NULL REFERENCES feedback_tasks ON DELETE CASCADE,
        -- Counts from 1 within the task, in the order in which items were added.
        position bigint NOT NULL,
        -- FeedbackItemContent.
        content jsonb NOT NULL,
        -- What splits of datasets go by: items of equal group are about the same prompt.
        group_key text NOT NULL,
        -- FeedbackValue that is known to be right; null: the item is none of gold. Answers to gold count toward nothing.
        gold jsonb,
        -- For orders that come from a model or from people: the greatest first. Null: after all others.
        priority float8,
        -- Answers that count, and how many it needs as far as is known: with leases it never has more, but for late ones.
        answer_count int NOT NULL DEFAULT 0,
        wanted int NOT NULL,
        flag_count int NOT NULL DEFAULT 0,
        -- Null: it needs more answers.
        settled_at timestamptz,
        -- The likeliest category at its settlement, and its probability; null for kinds without categories.
        settled_category text,
        settled_probability float8,
        -- FeedbackValue of whoever decided a dispute.
        adjudicated jsonb,
        adjudicated_by uuid REFERENCES users,
        adjudicated_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (task_id, position)
      );
      CREATE INDEX feedback_items_open ON feedback_items (task_id, position) WHERE settled_at IS NULL AND gold IS NULL;
      CREATE INDEX feedback_items_gold ON feedback_items (task_id) WHERE gold IS NOT NULL;
      CREATE INDEX feedback_items_by_group ON feedback_items (task_id, group_key);

      -- What a call with an idempotency key added, for its repetition.
      CREATE TABLE feedback_item_batches (
        id uuid PRIMARY KEY,
        task_id uuid NOT NULL REFERENCES feedback_tasks ON DELETE CASCADE,
        first_position bigint NOT NULL,
        last_position bigint NOT NULL
      );
      CREATE INDEX feedback_item_batches_by_task ON feedback_item_batches (task_id);

      -- One row for each item that a person was given: a lease until it is answered or skipped.
      CREATE TABLE feedback_claims (
        id uuid PRIMARY KEY,
        task_id uuid NOT NULL REFERENCES feedback_tasks ON DELETE CASCADE,
        item_id uuid NOT NULL REFERENCES feedback_items ON DELETE CASCADE,
        user_id uuid NOT NULL REFERENCES users,
        -- 0: the first time that the person was given the item; 1: a repetition, which tells how consistent they are.
        repetition int NOT NULL DEFAULT 0,
        state text NOT NULL DEFAULT 'CLAIMED' CHECK (state IN ('CLAIMED', 'ANSWERED', 'SKIPPED')),
        -- Keys of the answers in the order in which they are shown.
        shown text[] NOT NULL,
        instructions_version int NOT NULL,
        -- Why this item was picked, and the probability with which it was, of those that could be.
        picked text NOT NULL CHECK (picked IN ('ORDER', 'RANDOM', 'GOLD', 'REPEAT')),
        propensity float8 NOT NULL,
        claimed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL,
        ended_at timestamptz,
        skip_reason text,
        flagged_at timestamptz,
        flag_reason text,
        UNIQUE (item_id, user_id, repetition)
      );
      CREATE INDEX feedback_claims_by_person ON feedback_claims (task_id, user_id);
      CREATE INDEX feedback_claims_leased ON feedback_claims (task_id, expires_at) WHERE state = 'CLAIMED';
      CREATE INDEX feedback_claims_by_user ON feedback_claims (user_id);

      CREATE TABLE feedback_answers (
        id uuid PRIMARY KEY,
        claim_id uuid NOT NULL UNIQUE REFERENCES feedback_claims ON DELETE CASCADE,
        task_id uuid NOT NULL REFERENCES feedback_tasks ON DELETE CASCADE,
        item_id uuid NOT NULL REFERENCES feedback_items ON DELETE CASCADE,
        user_id uuid NOT NULL REFERENCES users,
        -- FeedbackValue; answers of an item are named by their keys, whatever side they stood on.
        value jsonb NOT NULL,
        -- What statistics compare; null for kinds without categories.
        category text,
        comment text,
        instructions_version int NOT NULL,
        -- False: to a gold item, or a repetition.
        counts boolean NOT NULL,
        -- Whether its lease had ended, or the task was closed: it is kept all the same.
        late boolean NOT NULL,
        -- From the claim to the answer.
        seconds float8 NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        changed_at timestamptz
      );
      CREATE INDEX feedback_answers_by_item ON feedback_answers (item_id);
      CREATE INDEX feedback_answers_by_task ON feedback_answers (task_id, created_at, id);
      CREATE INDEX feedback_answers_by_user ON feedback_answers (user_id);

      -- What an answer was before it was changed.
      CREATE TABLE feedback_answer_changes (
        answer_id uuid NOT NULL REFERENCES feedback_answers ON DELETE CASCADE,
        number int NOT NULL,
        value jsonb NOT NULL,
        comment text,
        changed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (answer_id, number)
      );

      CREATE TABLE feedback_events (
        task_id uuid NOT NULL REFERENCES feedback_tasks ON DELETE CASCADE,
        -- Counts from 1 within the task, without gaps, in the order of commits.
        seq bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- LoggedFeedbackEvent.
        payload jsonb NOT NULL,
        PRIMARY KEY (task_id, seq)
      );

      -- What users of an application thought of a prediction or of a generated answer.
      CREATE TABLE recorded_feedback (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        -- What it is about, as the application names it; a generation outlives its own row here.
        base_model_id uuid REFERENCES base_models ON DELETE SET NULL,
        generation_id uuid,
        target jsonb NOT NULL,
        -- FeedbackItemContent: what was shown, and FeedbackQuestion and FeedbackValue.
        content jsonb NOT NULL,
        question jsonb NOT NULL,
        value jsonb NOT NULL,
        comment text,
        -- The person in front of the application, by a name of the application's own.
        subject text,
        user_id uuid REFERENCES users,
        api_key_id uuid,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX recorded_feedback_by_project ON recorded_feedback (project_id, created_at DESC, id DESC);
      CREATE INDEX recorded_feedback_by_model ON recorded_feedback (base_model_id, created_at DESC, id DESC);

      CREATE FUNCTION log_feedback_task() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.opened_at IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.opened_at IS NULL) THEN
            PERFORM append_project_event(NEW.project_id, 'feedback_task.opened', jsonb_build_object(
              'feedbackTaskId', NEW.id, 'name', NEW.name, 'question', NEW.question ->> 'kind'));
          END IF;
          IF TG_OP = 'UPDATE' AND OLD.status <> NEW.status AND NEW.status IN ('CLOSED', 'FAILED') THEN
            PERFORM append_project_event(NEW.project_id, 'feedback_task.closed', jsonb_build_object(
              'feedbackTaskId', NEW.id, 'name', NEW.name, 'question', NEW.question ->> 'kind', 'status', NEW.status,
              'reason', NEW.closed_reason, 'answerCount', NEW.answer_count, 'settledCount', NEW.settled_count,
              'itemCount', NEW.item_count, 'problem', event_problem(NEW.problem)));
          END IF;
          RETURN NULL;
        END $$;
      CREATE CONSTRAINT TRIGGER feedback_tasks_log_begin AFTER INSERT ON feedback_tasks
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.opened_at IS NOT NULL)
        EXECUTE FUNCTION log_feedback_task();
      CREATE CONSTRAINT TRIGGER feedback_tasks_log AFTER UPDATE OF status, opened_at ON feedback_tasks
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (OLD.status <> NEW.status OR (OLD.opened_at IS NULL AND NEW.opened_at IS NOT NULL))
        EXECUTE FUNCTION log_feedback_task();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
