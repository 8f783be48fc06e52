import {
  Copy,
  type Dockerfile,
  DockerfileParser,
  From,
  type Instruction,
  type JSONInstruction,
  PropertyInstruction,
  Run,
} from 'dockerfile-ast';

/** How an image wants to be run, as far as a Dockerfile says. */
export interface Configuration {
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** As written: `10001:10001`. */
  readonly user?: string;
  readonly stopSignal?: string;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly healthcheck?: readonly string[];
}

/** One instruction. */
export type Step =
  | { readonly does: 'from'; readonly image: string; readonly name: string | undefined }
  | {
      readonly does: 'copy';
      /** Name of a stage; the build context when missing. */
      readonly from: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
    }
  | { readonly does: 'run'; readonly command: string }
  | { readonly does: 'workdir'; readonly path: string }
  | { readonly does: 'configure'; readonly values: Partial<Configuration> };

/**
 * What a Dockerfile says, step by step; build arguments have their defaults.
 *
 * @throws Error on what no replay can follow: unknown instructions and flags, and shell forms
 * where a process is started, which would put a shell between it and its signals.
 */
export function readDockerfile(text: string): readonly Step[] {
  const dockerfile = DockerfileParser.parse(text);
  return dockerfile
    .getInstructions()
    .flatMap((instruction) => toStep(dockerfile, instruction) ?? []);
}

function toStep(dockerfile: Dockerfile, instruction: Instruction): Step | undefined {
  const content = instruction.getArgumentsContent() ?? '';
  if (instruction instanceof From) {
    const name = instruction.getBuildStage() ?? undefined;
    return { does: 'from', image: instruction.getImage() ?? '', name };
  }
  if (instruction instanceof Copy) {
    refuseFlags(instruction, /^from=/);
    const paths = instruction.getArguments().map((argument) => argument.getValue());
    const from = instruction.getFromFlag()?.getValue() ?? undefined;
    return { does: 'copy', from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
  }
  if (instruction instanceof Run) {
    refuseFlags(instruction, /^mount=type=cache,/);
    return { does: 'run', command: content };
  }
  switch (instruction.getKeyword()) {
    // Arguments show where they are used; ports are for those who read.
    case 'ARG':
    case 'EXPOSE':
      return undefined;
    case 'WORKDIR':
      return { does: 'workdir', path: content };
    default:
      return { does: 'configure', values: toValues(dockerfile, instruction, content) };
  }
}

function toValues(
  dockerfile: Dockerfile,
  instruction: Instruction,
  content: string,
): Partial<Configuration> {
  const keyword = instruction.getKeyword();
  switch (keyword) {
    case 'ENV':
      return { env: toPairs(dockerfile, instruction) };
    case 'LABEL':
      return { labels: toPairs(dockerfile, instruction) };
    case 'USER':
      return { user: content };
    case 'STOPSIGNAL':
      return { stopSignal: content };
    case 'ENTRYPOINT':
      return { entrypoint: toWords(keyword, content), cmd: [] };
    case 'CMD':
      return { cmd: toWords(keyword, content) };
    case 'HEALTHCHECK':
      return { healthcheck: toWords(keyword, content.replace(/^CMD\s+/, '')) };
    default:
      throw new Error(`${keyword} cannot be replayed`);
  }
}

function toPairs(dockerfile: Dockerfile, instruction: Instruction): Record<string, string> {
  if (!(instruction instanceof PropertyInstruction)) return {};
  const { line } = instruction.getRange().start;
  const expand = (text: string) =>
    text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
      return dockerfile.resolveVariable(name, line) ?? '';
    });
  const properties = instruction.getProperties();
  return Object.fromEntries(properties.map((it) => [it.getName(), expand(it.getValue() ?? '')]));
}

function toWords(keyword: string, content: string): readonly string[] {
  if (!/^\[.*\]$/s.test(content)) throw new Error(`${keyword} is not in exec form`);
  return JSON.parse(content) as string[];
}

function refuseFlags(instruction: JSONInstruction, known: RegExp): void {
  for (const flag of instruction.getFlags()) {
    const text = `${flag.getName()}=${flag.getValue() ?? ''}`;
    if (known.test(text)) continue;
    throw new Error(`${instruction.getKeyword()} --${text} cannot be replayed`);
  }
}
