import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sign-in of people through an OpenID provider, and the sessions it begins. */
export class SignIn1764000014000 implements MigrationInterface {
  name = 'SignIn1764000014000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      -- Begun, not yet come back from the provider. A row is used once: the callback removes it.
      CREATE TABLE sign_in_attempts (
        -- SHA-256 of the state that the provider sends back.
        state_digest text PRIMARY KEY CHECK (state_digest ~ '^[0-9a-f]{64}$'),
        -- SHA-256 of the cookie of the browser that began it.
        browser_digest text NOT NULL CHECK (browser_digest ~ '^[0-9a-f]{64}$'),
        code_verifier text NOT NULL,
        nonce text NOT NULL,
        redirect_uri text NOT NULL,
        -- A path of this server.
        return_to text NOT NULL,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX sign_in_attempts_by_end ON sign_in_attempts (expires_at);

      -- A session that is over has no row.
      CREATE TABLE sign_in_sessions (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        -- SHA-256 of the token, which only the browser has.
        digest text NOT NULL UNIQUE CHECK (digest ~ '^[0-9a-f]{64}$'),
        -- What the provider's sign-out asks for, readable with the token alone; null: it was not kept.
        sealed_id_token bytea,
        -- As the browser said, shortened; to tell sessions apart by.
        user_agent text NOT NULL,
        created_at timestamptz NOT NULL,
        -- To within a minute.
        last_used_at timestamptz NOT NULL,
        -- At the latest; sooner when it is not used.
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX sign_in_sessions_by_user ON sign_in_sessions (user_id, created_at DESC, id DESC);
      CREATE TRIGGER sign_in_sessions_access AFTER DELETE ON sign_in_sessions
        FOR EACH ROW EXECUTE FUNCTION announce_access('user_id');
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
