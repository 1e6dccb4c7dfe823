import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import {
  isReachedFromElsewhere,
  type SignInSettings,
  signInSettings,
  signInVariables,
} from './people/sign-in/settings.js';
import { engineTargets, logLevels, oneOf, postgresUrl, readVariables, wholeNumber } from './protocol/environment.js';
import { type NetworkSettings, networkSettings, networkVariables } from './server/network-settings.js';
import { type PrivateAllowance, parsePrivateAllowance } from './webhooks/network-rules.js';

/** 32 hexadecimal digits are 128 bits. */
const minSecretLength = 32;

/** What the environment says about an API process. */
export interface Env {
  /** An existing PostgreSQL server; null: the embedded one, with its data under `home`. */
  readonly databaseUrl: string | null;
  /** Folder of the artifact store and of the embedded server's data. Absolute. */
  readonly home: string;
  readonly host: string;
  /** Whether who works on this machine needs no credential, as long as only this machine reaches the server. */
  readonly trustLocal: boolean;
  /** Whether a first start makes the owner's key and prints it; else a later start is the first one for that. */
  readonly printsOwnerKey: boolean;
  /** 0: any free port. */
  readonly port: number;
  /** The URL that people reach the server by, an origin; null: the address it listens on. */
  readonly publicUrl: string | null;
  /** Null: nobody signs in through an OpenID provider. */
  readonly signIn: SignInSettings | null;
  readonly network: NetworkSettings;
  readonly engine: (typeof engineTargets)[number];
  /** Threads a training step may use. */
  readonly threads: number;
  readonly maxUploadBytes: number;
  readonly logLevel: (typeof logLevels)[number];
  /** Worker processes this API process starts and watches over. */
  readonly workers: number;
  readonly leaseSeconds: number;
  readonly heartbeatIntervalMs: number;
  /** What keys are derived from; null: a file in `home`. */
  readonly secret: string | null;
  /** Where webhooks may be delivered to besides the public internet. */
  readonly webhookAllowPrivate: PrivateAllowance;
}

/** Reads the environment: the only place in `src` that does. Throws EnvironmentError. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const read = readVariables(
    {
      DATABASE_URL: {
        schema: postgresUrl.optional(),
        allowed: 'a URL such as postgres://user:password@host:5432/attune, or leave it out for the embedded server',
        // It holds a password.
        secret: true,
      },
      ATTUNE_HOME: { schema: z.string().default('.attune'), allowed: 'a folder (default ./.attune)' },
      HOST: {
        schema: z.string().regex(/^\S+$/).default('127.0.0.1'),
        allowed: 'an address to listen on (default 127.0.0.1)',
      },
      ATTUNE_LOCAL_ACCESS: oneOf(['owner', 'none'], 'owner'),
      ATTUNE_OWNER_KEY: oneOf(['print', 'later'], 'print'),
      PORT: wholeNumber(0, 65_535, 4000),
      ATTUNE_ENGINE: oneOf(engineTargets, 'auto'),
      ATTUNE_THREADS: wholeNumber(1, 1024, availableParallelism()),
      ATTUNE_MAX_UPLOAD_BYTES: wholeNumber(1, 2 ** 44, 4 * 2 ** 30),
      LOG_LEVEL: oneOf(logLevels, 'info'),
      ATTUNE_WORKERS: wholeNumber(0, 64, 1),
      ATTUNE_LEASE_SECONDS: wholeNumber(1, 3600, 30),
      ATTUNE_HEARTBEAT_MS: wholeNumber(50, 600_000, 10_000),
      ...signInVariables,
      ATTUNE_SECRET: {
        schema: z.string().min(minSecretLength).optional(),
        allowed: `a random text of at least ${minSecretLength} characters, or leave it out for one in ATTUNE_HOME`,
        secret: true,
      },
      ATTUNE_WEBHOOK_ALLOW_PRIVATE: {
        schema: z
          .string()
          .default('')
          .transform(parsePrivateAllowance)
          .refine((allowance) => allowance !== null),
        allowed: 'address ranges and host names such as 10.0.0.0/8,hooks.internal,*.corp.example, or * (default: none)',
      },
      ...networkVariables,
    },
    source,
  );
  const publicUrl = read.ATTUNE_PUBLIC_URL ?? null;
  return {
    databaseUrl: read.DATABASE_URL ?? null,
    home: resolve(read.ATTUNE_HOME),
    host: read.HOST,
    // What a proxy on this machine passes on looks as if it came from this machine.
    printsOwnerKey: read.ATTUNE_OWNER_KEY === 'print',
    trustLocal: read.ATTUNE_LOCAL_ACCESS === 'owner' && !isReachedFromElsewhere(publicUrl),
    port: read.PORT,
    publicUrl,
    signIn: signInSettings(read, read.HOST),
    network: networkSettings(read),
    engine: read.ATTUNE_ENGINE,
    threads: read.ATTUNE_THREADS,
    maxUploadBytes: read.ATTUNE_MAX_UPLOAD_BYTES,
    logLevel: read.LOG_LEVEL,
    workers: read.ATTUNE_WORKERS,
    leaseSeconds: read.ATTUNE_LEASE_SECONDS,
    heartbeatIntervalMs: read.ATTUNE_HEARTBEAT_MS,
    secret: read.ATTUNE_SECRET ?? null,
    webhookAllowPrivate: read.ATTUNE_WEBHOOK_ALLOW_PRIVATE,
  };
}
