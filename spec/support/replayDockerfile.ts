import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import dockerignore from '@balena/dockerignore';
import { type Configuration, readDockerfile, type Step } from './readDockerfile.js';

const run = promisify(execFile);

/** What a Dockerfile makes, with a folder in place of the image's root. */
export interface ReplayedImage {
  /** Where its processes start. */
  readonly workdir: string;
  /** Paths of the image are those of this machine. */
  readonly env: Readonly<Record<string, string>>;
  /** Number of the user; undefined where none is set. */
  readonly uid: number | undefined;
  /** Entry point and arguments. */
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  readonly stopSignal: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where on this machine a path of the image is. */
  readonly pathOf: (path: string) => string;
  /** Deletes it. */
  readonly remove: () => Promise<void>;
}

interface Stage {
  readonly name: string;
  readonly root: string;
  readonly workdir: string;
  readonly configuration: Configuration;
}

/** Everything that one replay works with. */
interface Replay {
  /** The build context. */
  readonly context: string;
  readonly isHidden: (path: string) => boolean;
  readonly folder: string;
  readonly stages: Map<string, Stage>;
}

type StepOf<Does> = Extract<Step, { does: Does }>;

const NOTHING = { workdir: '/', configuration: { env: {}, labels: {} } };

/** How packages are reached is the machine's business, as it is for a Docker engine. */
const MACHINE = /^(npm_config_(registry|userconfig)|NODE_EXTRA_CA_CERTS|(https?|no)_proxy)$/i;

/**
 * Carries out a Dockerfile without a Docker engine, stage by stage in folders of their own.
 *
 * The base image is this machine: its Node, its shell. A command sees nothing of the environment
 * but the PATH and how packages are reached, and has an empty home; what cache mounts are for,
 * npm's cache serves. As nothing hides the machine's own root, commands name relative paths only.
 *
 * @param context the folder of the Dockerfile; what its .dockerignore hides is not there.
 * @throws Error on what cannot be replayed, a COPY of nothing, a command that fails.
 */
export async function replayDockerfile(context: string): Promise<ReplayedImage> {
  const steps = readDockerfile(readFileSync(join(context, 'Dockerfile'), 'utf8'));
  const folder = await mkdtemp(join(tmpdir(), 'replayed-image-'));
  const remove = async () => {
    await run('chmod', ['-R', 'u+w', folder]);
    await rm(folder, { recursive: true });
  };
  const replay = { context, isHidden: hiddenIn(context), folder, stages: new Map<string, Stage>() };
  let stage: Stage = { ...NOTHING, name: '', root: folder };
  try {
    // Others than the owner have to come by, for the image's user is none of them.
    await chmod(folder, 0o755);
    for (const step of steps) {
      stage = await carryOut(replay, stage, step);
      replay.stages.set(stage.name, stage);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return toImage(stage, remove);
}

function hiddenIn(context: string): (path: string) => boolean {
  const file = join(context, '.dockerignore');
  const rules = dockerignore.default();
  if (existsSync(file)) rules.add(readFileSync(file, 'utf8'));
  return (path) => path !== '' && rules.ignores(path);
}

/** The stage as it is after the step. */
async function carryOut(replay: Replay, stage: Stage, step: Step): Promise<Stage> {
  switch (step.does) {
    case 'from':
      return begin(replay, step);
    case 'copy':
      await copy(replay, stage, step);
      return stage;
    case 'run':
      await runCommand(replay, stage, step);
      return stage;
    case 'workdir': {
      const workdir = resolve(stage.workdir, step.path);
      await mkdir(placeOf(stage, workdir), { recursive: true });
      return { ...stage, workdir };
    }
    case 'configure': {
      const { env, labels } = stage.configuration;
      const { values } = step;
      const merged = { env: { ...env, ...values.env }, labels: { ...labels, ...values.labels } };
      return { ...stage, configuration: { ...stage.configuration, ...values, ...merged } };
    }
  }
}

/** A stage begins as a copy of the one it is from, or empty on the machine itself. */
async function begin({ folder, stages }: Replay, from: StepOf<'from'>): Promise<Stage> {
  const number = String(stages.size);
  const root = join(folder, number);
  const parent = stages.get(from.image);
  await (parent ? cp(parent.root, root, { recursive: true }) : mkdir(root));
  return { ...NOTHING, ...parent, name: from.name ?? number, root };
}

function placeOf({ root, workdir }: Stage, path: string): string {
  return join(root, isAbsolute(path) ? path : join(workdir, path));
}

async function copy(replay: Replay, stage: Stage, step: StepOf<'copy'>): Promise<void> {
  const origin = replay.stages.get(step.from ?? '');
  if (step.from !== undefined && !origin)
    throw new Error(`COPY --from=${step.from}: no such stage`);
  for (const source of step.sources) {
    const path = origin ? placeOf(origin, source) : join(replay.context, source);
    const isThere = (file: string) =>
      origin !== undefined || !replay.isHidden(relative(replay.context, file));
    if (!existsSync(path) || !isThere(path)) throw new Error(`COPY ${source}: not found`);
    const isFile = (await stat(path)).isFile();
    const place = placeOf(stage, step.target);
    const into = isFile && step.target.endsWith('/') ? join(place, basename(source)) : place;
    await mkdir(isFile ? dirname(into) : into, { recursive: true });
    // Node's own takes ten times as long as this for all packages, but only it can leave files out.
    if (origin) await run('cp', ['-R', isFile ? path : `${path}/.`, into]);
    else await cp(path, into, { recursive: true, verbatimSymlinks: true, filter: isThere });
  }
}

async function runCommand(
  { folder }: Replay,
  stage: Stage,
  { command }: StepOf<'run'>,
): Promise<void> {
  if (/(^|[\s"'=<>])\//.test(command)) throw new Error(`RUN ${command}: names an absolute path`);
  const { user } = stage.configuration;
  if (user !== undefined) throw new Error(`RUN ${command}: as user ${user} it cannot be replayed`);
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true });
  const machine = Object.entries(process.env).filter(([name]) => MACHINE.test(name));
  const env = {
    ...Object.fromEntries(machine),
    npm_config_cache: process.env.npm_config_cache ?? join(homedir(), '.npm'),
    PATH: process.env.PATH,
    HOME: home,
    ...environment(stage),
  };
  const options = { cwd: placeOf(stage, '.'), env, maxBuffer: Infinity };
  await run('/bin/sh', ['-c', command], options).catch((cause: unknown) => {
    const { stdout, stderr } = cause as { stdout: string; stderr: string };
    throw new Error(`RUN ${command}\n${stdout}\n${stderr}`, { cause });
  });
}

/** A value that is a path in the image is where that is on this machine. */
function environment(stage: Stage): Record<string, string> {
  const pairs = Object.entries(stage.configuration.env).map(([name, value]): [string, string] => {
    const place = placeOf(stage, value);
    return [name, isAbsolute(value) && existsSync(place) ? place : value];
  });
  return Object.fromEntries(pairs);
}

function toImage(stage: Stage, remove: () => Promise<void>): ReplayedImage {
  const { user, labels, stopSignal, entrypoint, cmd, healthcheck } = stage.configuration;
  return {
    workdir: placeOf(stage, '.'),
    env: environment(stage),
    uid: user === undefined ? undefined : Number.parseInt(user, 10),
    command: [...(entrypoint ?? []), ...(cmd ?? [])],
    healthcheck: healthcheck ?? [],
    // As a Docker engine does it.
    stopSignal: stopSignal ?? 'SIGTERM',
    labels,
    pathOf: (path) => placeOf(stage, path),
    remove,
  };
}
