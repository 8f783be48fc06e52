import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { loadSettings } from '../../lib/config.js';
import { CHART } from '../support/helm.js';
import { HELM_SCENARIOS } from '../support/helmScenarios.js';
import { only } from '../support/manifests.js';
import { useHelm } from '../support/useHelm.js';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly securityContext: object;
  readonly command?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
}
interface Pod {
  readonly spec: {
    readonly automountServiceAccountToken: boolean;
    readonly securityContext: object;
    readonly terminationGracePeriodSeconds: number;
    readonly containers: readonly [Container];
  };
}
interface Deployment {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly template: Pod };
}

/** What the secret and the config map hold. */
const EXISTING = {
  ...{ LIVEKIT_URL: 'wss://livekit.example', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' },
  ...{ GROQ_API_KEY: 'key', DEEPGRAM_API_KEY: 'key', ELEVENLABS_API_KEY: 'key' },
  ...{ MEDIA_BOT_PROMETHEUS_PORT: '1234', MEDIA_BOT_WEBHOOK_PORT: '1235' },
  ...{ MEDIA_BOT_MAX_RETRY: '5' },
};

describe('the chart, rendered', () => {
  const helm = useHelm();

  it('should be in order to Helm', () => {
    const { code, stdout } = helm.run(['lint', '--strict', CHART]);
    expect(code, stdout).to.equal(0);
  });

  for (const { name, values, snapshot } of HELM_SCENARIOS) {
    it(`should be as in the snapshot (npm run helm:snapshots renews it): ${name}`, () => {
      expect(helm.render(values)).to.equal(readFileSync(snapshot, 'utf8'));
    });

    it(`should satisfy the restricted pod security standard: ${name}`, () => {
      const rendered = helm.render(values);
      const pods = [
        (only('Deployment', rendered) as Deployment).spec.template,
        only('Pod', rendered) as Pod,
      ];
      for (const { spec } of pods) {
        expect(spec.automountServiceAccountToken).to.equal(false);
        expect(spec.securityContext).to.deep.equal({
          ...{ runAsNonRoot: true, runAsUser: 10_001, runAsGroup: 10_001 },
          seccompProfile: { type: 'RuntimeDefault' },
        });
        expect(spec.containers).to.have.length(1);
        expect(spec.containers[0].securityContext).to.deep.equal({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        });
      }
    });
  }

  it('should be what the documented kubectl set image names', () => {
    const [, deployment, container, image] =
      /kubectl set image deploy\/(\S+) \\\n\s+(\S+)=(\S+):<sha> -n livekit/.exec(
        readFileSync(`${CHART}/README.md`, 'utf8'),
      )!;
    const { metadata, spec } = only('Deployment', helm.render()) as Deployment;
    expect(metadata).to.include({ name: deployment, namespace: 'livekit' });
    expect(spec.template.spec.containers[0].name).to.equal(container);
    expect(spec.template.spec.containers[0].image).to.match(new RegExp(`^${image!}:[^:]+$`));
  });

  it('should be understood by the worker, before what the config map says', () => {
    const settings = HELM_SCENARIOS.map(({ name, values }) => {
      const { template } = (only('Deployment', helm.render(values)) as Deployment).spec;
      const { env } = template.spec.containers[0];
      const given = Object.fromEntries(env.map((entry) => [entry.name, entry.value]));
      return [name, loadSettings({ ...EXISTING, ...given })] as const;
    });
    const { bare, default: usual, everything } = Object.fromEntries(settings);
    expect(bare).to.include({ prometheusPort: undefined, webhookPort: undefined, maxRetry: 5 });
    const ports = { prometheusPort: 9090, webhookPort: undefined };
    expect(usual).to.deep.include({ ...loadSettings(EXISTING), ...ports });
    expect(everything).to.deep.include({
      ...{ agentName: 'second-media-bot', numIdleProcesses: 3, loadThreshold: 0.6, gain: 0.5 },
      ...{ healthPort: 9081, prometheusPort: 9464, webhookPort: 9466 },
      ...{ drainTime: 1_800_000, holdBothWays: true },
      ...{ assetMaxBytes: 67_108_864, assetOrigins: ['http://10.0.0.5:9000'] },
    });
  });

  it('should give the worker the time that it drains, and 15 s more', () => {
    const rendered = helm.render('settings: { MEDIA_BOT_DRAIN_SECONDS: 90 }');
    const { template } = (only('Deployment', rendered) as Deployment).spec;
    expect(template.spec.terminationGracePeriodSeconds).to.equal(105);
  });

  it('should test itself with a program that the project has', () => {
    const [node, program] = (only('Pod', helm.render()) as Pod).spec.containers[0].command!;
    expect(node).to.equal('node');
    expect(readFileSync(program!.replace(/^dist\/(.*)\.js$/, '$1.ts'), 'utf8')).to.not.equal('');
  });

  it('should be of the version of the package', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const { image } = (only('Deployment', helm.render()) as Deployment).spec.template.spec
      .containers[0];
    expect(image.split(':').at(-1)).to.equal(version);
  });
});
