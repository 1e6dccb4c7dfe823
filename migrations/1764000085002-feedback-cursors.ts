import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createIndexOnline, dropIndexOnline, queryOnce } from './online.js';

/**
 * Who has answered many items ahead of others gets the next one without passing by them again: each person has a cursor
 * in each task, and a count of what they have answered or skipped that still needs answers.
 */
export class FeedbackCursors1764000085002 implements MigrationInterface {
  name = 'FeedbackCursors1764000085002';
  transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryOnce(
      queryRunner,
      'feedback_cursors',
      `
      -- Before it, in the order of the task, there is no item that needs answers and that the person may ever get. Orders
      -- by priority go by its negative, so that both columns ascend; others have rank 0.
      CREATE TABLE feedback_cursors (
        task_id uuid NOT NULL REFERENCES feedback_tasks ON DELETE CASCADE,
        user_id uuid NOT NULL REFERENCES users,
        rank float8 NOT NULL DEFAULT '-Infinity',
        position bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (task_id, user_id)
      );
      CREATE INDEX feedback_cursors_by_place ON feedback_cursors (task_id, rank, position);

      -- Changed with the task's lock held.
      CREATE TABLE feedback_open_counts (
        task_id uuid NOT NULL REFERENCES feedback_tasks ON DELETE CASCADE,
        user_id uuid NOT NULL REFERENCES users,
        -- Items that the person has answered or skipped, and that need more answers.
        count bigint NOT NULL,
        PRIMARY KEY (task_id, user_id)
      );
      INSERT INTO feedback_open_counts (task_id, user_id, count)
        SELECT c.task_id, c.user_id, count(*) FROM feedback_claims c JOIN feedback_items i ON i.id = c.item_id
         WHERE c.state <> 'CLAIMED' AND c.repetition = 0 AND i.settled_at IS NULL AND i.gold IS NULL
         GROUP BY c.task_id, c.user_id;

      CREATE FUNCTION count_ended_claim() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT FROM feedback_items WHERE id = NEW.item_id AND settled_at IS NULL AND gold IS NULL) THEN
            INSERT INTO feedback_open_counts AS o (task_id, user_id, count) VALUES (NEW.task_id, NEW.user_id, 1)
              ON CONFLICT (task_id, user_id) DO UPDATE SET count = o.count + 1;
          END IF;
          RETURN NULL;
        END $$;
      CREATE TRIGGER feedback_claims_count AFTER UPDATE OF state ON feedback_claims FOR EACH ROW
        WHEN (OLD.state = 'CLAIMED' AND NEW.state <> 'CLAIMED' AND NEW.repetition = 0)
        EXECUTE FUNCTION count_ended_claim();

      CREATE FUNCTION feedback_cursor_lock(task uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS
        $$ SELECT hashtextextended('feedback cursors ' || task, 0) $$;

      CREATE FUNCTION count_settled_item() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO feedback_open_counts AS o (task_id, user_id, count)
            SELECT c.task_id, c.user_id, CASE WHEN NEW.settled_at IS NULL THEN 1 ELSE 0 END FROM feedback_claims c
             WHERE c.item_id = NEW.id AND c.state <> 'CLAIMED' AND c.repetition = 0 ORDER BY c.user_id
            ON CONFLICT (task_id, user_id) DO UPDATE
              SET count = o.count + CASE WHEN NEW.settled_at IS NULL THEN 1 ELSE -1 END;
          IF NEW.settled_at IS NULL THEN
            -- Nobody's cursor advances over the item before this is committed.
            PERFORM pg_advisory_xact_lock(feedback_cursor_lock(NEW.task_id));
            UPDATE feedback_cursors p SET rank = k.rank, position = NEW.position
              FROM (SELECT CASE WHEN t.item_order IN ('AS_GIVEN', 'RANDOM') THEN 0
                                ELSE coalesce(-NEW.priority, 'Infinity') END AS rank
                      FROM feedback_tasks t WHERE t.id = NEW.task_id) AS k
             WHERE p.task_id = NEW.task_id AND (p.rank, p.position) > (k.rank, NEW.position);
          END IF;
          RETURN NULL;
        END $$;
      CREATE TRIGGER feedback_items_count AFTER UPDATE OF settled_at ON feedback_items FOR EACH ROW
        WHEN ((OLD.settled_at IS NULL) <> (NEW.settled_at IS NULL) AND NEW.gold IS NULL)
        EXECUTE FUNCTION count_settled_item();

      -- In orders by priority new items may come before cursors; in others they come behind all.
      CREATE FUNCTION lower_feedback_cursors() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          first record;
        BEGIN
          FOR first IN
            SELECT DISTINCT ON (i.task_id) i.task_id, coalesce(-i.priority, 'Infinity') AS rank, i.position
              FROM added i JOIN feedback_tasks t ON t.id = i.task_id
             WHERE t.item_order NOT IN ('AS_GIVEN', 'RANDOM') AND i.gold IS NULL
             ORDER BY i.task_id, coalesce(-i.priority, 'Infinity'), i.position
          LOOP
            PERFORM pg_advisory_xact_lock(feedback_cursor_lock(first.task_id));
            UPDATE feedback_cursors p SET rank = first.rank, position = first.position
             WHERE p.task_id = first.task_id AND (p.rank, p.position) > (first.rank, first.position);
          END LOOP;
          RETURN NULL;
        END $$;
      CREATE TRIGGER feedback_items_lower_cursors AFTER INSERT ON feedback_items
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION lower_feedback_cursors();

      -- Moves a person's cursor to the first item that they have neither answered nor skipped, or behind the last item.
      -- Called in a transaction of its own: whoever reopens an item waits for its end.
      CREATE FUNCTION advance_feedback_cursor(task uuid, person uuid) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
          by_priority boolean;
          cursor_rank float8;
          cursor_position bigint;
          next_rank float8;
          next_position bigint;
        BEGIN
          PERFORM pg_advisory_xact_lock_shared(feedback_cursor_lock(task));
          SELECT item_order NOT IN ('AS_GIVEN', 'RANDOM') INTO by_priority FROM feedback_tasks WHERE id = task;
          IF NOT FOUND THEN RETURN; END IF;
          INSERT INTO feedback_cursors (task_id, user_id) VALUES (task, person) ON CONFLICT DO NOTHING;
          SELECT rank, position INTO cursor_rank, cursor_position FROM feedback_cursors
           WHERE task_id = task AND user_id = person;
          IF by_priority THEN
            SELECT coalesce(-i.priority, 'Infinity'), i.position INTO next_rank, next_position FROM feedback_items i
             WHERE i.task_id = task AND i.settled_at IS NULL AND i.gold IS NULL
               AND (coalesce(-i.priority, 'Infinity'), i.position) >= (cursor_rank, cursor_position)
               AND (SELECT true FROM feedback_claims c WHERE c.item_id = i.id AND c.user_id = person
                       AND c.repetition = 0 AND c.state <> 'CLAIMED') IS NULL
             ORDER BY coalesce(-i.priority, 'Infinity'), i.position LIMIT 1;
            IF NOT FOUND THEN
              SELECT coalesce(-i.priority, 'Infinity'), i.position + 1 INTO next_rank, next_position FROM feedback_items i
               WHERE i.task_id = task AND i.settled_at IS NULL AND i.gold IS NULL
               ORDER BY coalesce(-i.priority, 'Infinity') DESC, i.position DESC LIMIT 1;
            END IF;
          ELSE
            SELECT 0, i.position INTO next_rank, next_position FROM feedback_items i
             WHERE i.task_id = task AND i.settled_at IS NULL AND i.gold IS NULL AND i.position >= cursor_position
               AND (SELECT true FROM feedback_claims c WHERE c.item_id = i.id AND c.user_id = person
                       AND c.repetition = 0 AND c.state <> 'CLAIMED') IS NULL
             ORDER BY i.position LIMIT 1;
            IF NOT FOUND THEN
              SELECT 0, i.position + 1 INTO next_rank, next_position FROM feedback_items i
               WHERE i.task_id = task AND i.settled_at IS NULL AND i.gold IS NULL ORDER BY i.position DESC LIMIT 1;
            END IF;
          END IF;
          IF next_position IS NOT NULL AND (next_rank, next_position) > (cursor_rank, cursor_position) THEN
            UPDATE feedback_cursors SET rank = next_rank, position = next_position
             WHERE task_id = task AND user_id = person;
          END IF;
        END $$;
    `,
    );
    await createIndexOnline(
      queryRunner,
      'feedback_items_by_rank',
      `ON feedback_items (task_id, (coalesce(-priority, 'Infinity')), position) WHERE settled_at IS NULL AND gold IS NULL`,
    );
    await dropIndexOnline(queryRunner, 'feedback_items_by_priority');
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
