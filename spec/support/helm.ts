import { spawnSync } from 'node:child_process';

/** The chart of this project. */
export const CHART = 'helm/media-bot';

/** A Helm that `go install` has built takes itself for one of Kubernetes 1.20. */
const KUBERNETES = '1.37.0';

/** How a command of Helm ended. */
export interface HelmResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Helm, and what specs ask of it. */
export interface Helm {
  run(args: readonly string[], input?: string): HelmResult;
  /**
   * Renders the chart as release `bot` of the namespace `livekit`; without empty lines, which not
   * every version of Helm has in the same places.
   *
   * @param values as YAML, over those of the chart.
   * @throws Error with what Helm says when it refuses them.
   */
  render(values?: string): string;
  /** What Helm says of values that it refuses; undefined where it takes them. */
  refusal(values: string): string | undefined;
}

/** @param program path of the executable; asked for each time. */
export function createHelm(program: () => string): Helm {
  const run = (args: readonly string[], input = ''): HelmResult => {
    const options = { input, encoding: 'utf8' } as const;
    const { status, stdout, stderr, error } = spawnSync(program(), args, options);
    if (error !== undefined) throw error;
    return { code: status, stdout, stderr };
  };
  const template = (values: string) => {
    const release = ['template', 'bot', CHART, '--namespace', 'livekit'];
    return run([...release, '--kube-version', KUBERNETES, '--values', '-'], values);
  };
  return {
    run,
    render: (values = '') => {
      const { code, stdout, stderr } = template(values);
      if (code !== 0) throw new Error(stderr);
      return stdout.replace(/\s*\n/g, '\n').trimEnd() + '\n';
    },
    refusal: (values) => {
      const { code, stderr } = template(values);
      return code === 0 ? undefined : stderr;
    },
  };
}
