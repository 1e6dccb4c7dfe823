import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type ObservabilitySettings, observabilitySettings, observabilityVariables } from './observability/settings.js';
import { type PrivateAllowance, parsePrivateAllowance } from './outbound/network-rules.js';
import {
  isReachedFromElsewhere,
  type SignInSettings,
  signInSettings,
  signInVariables,
} from './people/sign-in/settings.js';
import { engineTargets, logLevels, oneOf, postgresUrl, readVariables, wholeNumber } from './protocol/environment.js';
import { type NetworkSettings, networkSettings, networkVariables } from './server/network-settings.js';

/** 32 hexadecimal digits are 128 bits. */
const minSecretLength = 32;

/** The settings of an API process, from its environment. */
export interface Env {
  /** An existing PostgreSQL server; null: the embedded one, with its data under `home`. */
  readonly databaseUrl: string | null;
  /** Folder of the artifact store and of the embedded server's data. Absolute. */
  readonly home: string;
  readonly host: string;
  /** Whether requests from this machine need no credential, as long as only this machine can reach the server. */
  readonly trustLocal: boolean;
  /** Whether this start creates and prints the owner's key if there is none; otherwise a later start does. */
  readonly printsOwnerKey: boolean;
  /** 0: any free port. */
  readonly port: number;
  /** The origin that people reach the server by; null: the address that the server listens on. */
  readonly publicUrl: string | null;
  /** Null: people can't sign in. */
  readonly signIn: SignInSettings | null;
  readonly network: NetworkSettings;
  readonly engine: (typeof engineTargets)[number];
  /** How many threads a training step may use. */
  readonly threads: number;
  readonly maxUploadBytes: number;
  /** How long checkpoints are kept after the end of their run. */
  readonly checkpointDays: number;
  readonly logLevel: (typeof logLevels)[number];
  /** How many worker processes this API process starts and supervises. */
  readonly workers: number;
  readonly leaseSeconds: number;
  readonly heartbeatIntervalMs: number;
  /** The secret that keys are derived from; null: the content of a file in `home`. */
  readonly secret: string | null;
  /** Where webhooks may be delivered beside the public internet. */
  readonly webhookAllowPrivate: PrivateAllowance;
  readonly observability: ObservabilitySettings;
}

/** Reads the environment: the only place in `src` that does. Throws EnvironmentError. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const read = readVariables(
    {
      DATABASE_URL: {
        schema: postgresUrl.optional(),
        allowed: 'a URL such as postgres://user:password@host:5432/attune; leave it out for the embedded server',
        // The URL holds a password.
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
      ATTUNE_CHECKPOINT_DAYS: wholeNumber(0, 36_500, 14),
      LOG_LEVEL: oneOf(logLevels, 'info'),
      ATTUNE_WORKERS: wholeNumber(0, 64, 1),
      ATTUNE_LEASE_SECONDS: wholeNumber(1, 3600, 30),
      ATTUNE_HEARTBEAT_MS: wholeNumber(50, 600_000, 10_000),
      ...signInVariables,
      ATTUNE_SECRET: {
        schema: z.string().min(minSecretLength).optional(),
        allowed: `a random text of at least ${minSecretLength} characters; leave it out for a generated one in ATTUNE_HOME`,
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
      ...observabilityVariables,
    },
    source,
  );
  const publicUrl = read.ATTUNE_PUBLIC_URL ?? null;
  return {
    databaseUrl: read.DATABASE_URL ?? null,
    home: resolve(read.ATTUNE_HOME),
    host: read.HOST,
    // Requests that a proxy on this machine passes on look as if they came from this machine.
    printsOwnerKey: read.ATTUNE_OWNER_KEY === 'print',
    trustLocal: read.ATTUNE_LOCAL_ACCESS === 'owner' && !isReachedFromElsewhere(publicUrl),
    port: read.PORT,
    publicUrl,
    signIn: signInSettings(read, read.HOST),
    network: networkSettings(read),
    engine: read.ATTUNE_ENGINE,
    threads: read.ATTUNE_THREADS,
    maxUploadBytes: read.ATTUNE_MAX_UPLOAD_BYTES,
    checkpointDays: read.ATTUNE_CHECKPOINT_DAYS,
    logLevel: read.LOG_LEVEL,
    workers: read.ATTUNE_WORKERS,
    leaseSeconds: read.ATTUNE_LEASE_SECONDS,
    heartbeatIntervalMs: read.ATTUNE_HEARTBEAT_MS,
    secret: read.ATTUNE_SECRET ?? null,
    webhookAllowPrivate: read.ATTUNE_WEBHOOK_ALLOW_PRIVATE,
    observability: observabilitySettings(read, read.ATTUNE_WORKERS),
  };
}
