import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Loops that ask people, learn from their answers, and promote what is better; their rounds and their log. */
export class FeedbackLoops1764000084000 implements MigrationInterface {
  name = 'FeedbackLoops1764000084000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE feedback_loops (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        -- LoopSettings: what is asked, how is learnt, what is measured, and what is promoted.
        settings jsonb NOT NULL,
        -- How many rounds it takes, and which one it is in, from 1.
        rounds int NOT NULL CHECK (rounds > 0),
        round int NOT NULL DEFAULT 1,
        status text NOT NULL CHECK (status IN ('RUNNING', 'PAUSED', 'FAILED', 'ENDED')),
        end_reason text CHECK (end_reason IN ('ROUNDS_DONE', 'BY_REQUEST')),
        CHECK ((end_reason IS NOT NULL) = (status = 'ENDED')),
        -- Why it FAILED.
        problem jsonb,
        base_model_id uuid REFERENCES base_models ON DELETE SET NULL,
        start_model_id uuid REFERENCES base_models ON DELETE SET NULL,
        current_model_id uuid REFERENCES base_models ON DELETE SET NULL,
        start_evaluation_id uuid REFERENCES evaluations ON DELETE SET NULL,
        current_evaluation_id uuid REFERENCES evaluations ON DELETE SET NULL,
        -- Dataset versions that it reads until it ends.
        version_ids uuid[] NOT NULL,
        -- The dataset whose versions its rounds learn from.
        dataset_id uuid REFERENCES datasets ON DELETE SET NULL,
        -- On whose behalf its steps are taken: who created it, or went on with it last.
        acts_for uuid NOT NULL REFERENCES users,
        -- A process takes a step until then, or the next try of one waits so long.
        busy_until timestamptz,
        -- Tries of the present step in a row that failed for reasons that may pass.
        failed_tries int NOT NULL DEFAULT 0,
        -- The end of its log.
        last_seq bigint NOT NULL DEFAULT 0,
        created_by uuid REFERENCES users,
        created_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz
      );
      CREATE INDEX feedback_loops_by_project ON feedback_loops (project_id, created_at DESC, id DESC);
      CREATE INDEX feedback_loops_running ON feedback_loops (id) WHERE status = 'RUNNING';

      CREATE TABLE feedback_loop_rounds (
        id uuid PRIMARY KEY,
        loop_id uuid NOT NULL REFERENCES feedback_loops ON DELETE CASCADE,
        number int NOT NULL,
        step text NOT NULL CHECK (step IN ('MEASURING', 'ASKING', 'PREPARING', 'TRAINING', 'EVALUATING', 'JUDGING', 'DECIDING')),
        -- Counts the times that a step was begun, so that what an earlier one began is not taken for it.
        attempt int NOT NULL DEFAULT 1,
        -- What was asked, made, trained and measured; null: not yet, or deleted since.
        task_id uuid REFERENCES feedback_tasks ON DELETE SET NULL,
        preparation_id uuid REFERENCES preparations ON DELETE SET NULL,
        dataset_version_id uuid REFERENCES dataset_versions ON DELETE SET NULL,
        experiment_id uuid REFERENCES experiments ON DELETE SET NULL,
        model_id uuid REFERENCES base_models ON DELETE SET NULL,
        evaluation_id uuid REFERENCES evaluations ON DELETE SET NULL,
        judging_task_id uuid REFERENCES feedback_tasks ON DELETE SET NULL,
        start_judging_task_id uuid REFERENCES feedback_tasks ON DELETE SET NULL,
        outcome text CHECK (outcome IN ('PROMOTED', 'KEPT', 'ABANDONED')),
        -- LoopVerdict.
        verdict jsonb,
        started_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz,
        UNIQUE (loop_id, number)
      );
      CREATE INDEX feedback_loop_rounds_by_task ON feedback_loop_rounds (task_id);
      CREATE INDEX feedback_loop_rounds_by_preparation ON feedback_loop_rounds (preparation_id);
      CREATE INDEX feedback_loop_rounds_by_version ON feedback_loop_rounds (dataset_version_id);
      CREATE INDEX feedback_loop_rounds_by_experiment ON feedback_loop_rounds (experiment_id);
      CREATE INDEX feedback_loop_rounds_by_model ON feedback_loop_rounds (model_id);
      CREATE INDEX feedback_loop_rounds_by_evaluation ON feedback_loop_rounds (evaluation_id);
      CREATE INDEX feedback_loop_rounds_by_judging ON feedback_loop_rounds (judging_task_id);
      CREATE INDEX feedback_loop_rounds_by_start_judging ON feedback_loop_rounds (start_judging_task_id);

      CREATE TABLE feedback_loop_events (
        loop_id uuid NOT NULL REFERENCES feedback_loops ON DELETE CASCADE,
        -- Counts from 1 within the loop, without gaps, in the order of commits.
        seq bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- LoggedLoopEvent.
        payload jsonb NOT NULL,
        PRIMARY KEY (loop_id, seq)
      );

      CREATE FUNCTION log_feedback_loop() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, 'feedback_loop.status_changed', jsonb_build_object(
            'feedbackLoopId', NEW.id, 'name', NEW.name, 'from', CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END,
            'to', NEW.status, 'endReason', NEW.end_reason, 'problem', event_problem(NEW.problem)));
          RETURN NULL;
        END $$;
      CREATE CONSTRAINT TRIGGER feedback_loops_log_begin AFTER INSERT ON feedback_loops
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION log_feedback_loop();
      CREATE CONSTRAINT TRIGGER feedback_loops_log AFTER UPDATE OF status ON feedback_loops
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status <> NEW.status)
        EXECUTE FUNCTION log_feedback_loop();

      CREATE FUNCTION log_feedback_loop_round() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          of feedback_loops;
        BEGIN
          SELECT * INTO of FROM feedback_loops WHERE id = NEW.loop_id;
          IF of.id IS NOT NULL THEN
            PERFORM append_project_event(of.project_id, 'feedback_loop.round_finished', jsonb_build_object(
              'feedbackLoopId', of.id, 'name', of.name, 'round', NEW.number, 'outcome', NEW.outcome,
              'modelId', NEW.model_id));
          END IF;
          RETURN NULL;
        END $$;
      CREATE CONSTRAINT TRIGGER feedback_loop_rounds_log AFTER UPDATE OF outcome ON feedback_loop_rounds
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.outcome IS NULL AND NEW.outcome IS NOT NULL)
        EXECUTE FUNCTION log_feedback_loop_round();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
