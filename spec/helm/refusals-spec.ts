import { expect } from 'chai';
import { useHelm } from '../support/useHelm.js';

/** Values that contradict each other, and what is said of them. */
const CONTRADICTIONS: Readonly<Record<string, string>> = {
  'settings: { GROQ_API_KEY: key }':
    'settings.GROQ_API_KEY: a secret would be readable in the Deployment; put it into the secret ai-secrets',
  'settings: { LIVEKIT_API_SECRET: secret }': 'settings.LIVEKIT_API_SECRET: a secret',
  'settings: { MEDIA_BOT_HEALTH_PORT: 81 }': 'settings.MEDIA_BOT_HEALTH_PORT: set healthPort',
  'settings: { MEDIA_BOT_PROMETHEUS_PORT: 91 }':
    'settings.MEDIA_BOT_PROMETHEUS_PORT: set metrics.port',
  'settings: { MEDIA_BOT_WEBHOOK_PORT: 92 }': 'settings.MEDIA_BOT_WEBHOOK_PORT: set webhook.port',
  '{ healthPort: 9000, metrics: { port: 9000 } }': 'healthPort and metrics.port are the same port',
  'webhook: { port: 8081 }': 'healthPort and webhook.port are the same port',
  'webhook: { port: 9090 }': 'metrics.port and webhook.port are the same port',
  '{ podMonitor: { enabled: true }, metrics: { port: null } }':
    'podMonitor.enabled needs metrics.port',
  '{ prometheusRule: { enabled: true }, metrics: { port: null } }':
    'prometheusRule.enabled needs metrics.port',
  'terminationGracePeriodSeconds: 614':
    'terminationGracePeriodSeconds is 614: Kubernetes would kill the worker while it drains; MEDIA_BOT_DRAIN_SECONDS needs 615',
  'replicas: 1': 'podDisruptionBudget.minAvailable is 1 of 1 pods: no node could ever be emptied',
  '{ autoscaling: { enabled: true, minReplicas: 3 }, podDisruptionBudget: { minAvailable: 3 } }':
    'podDisruptionBudget.minAvailable is 3 of 3 pods',
  'autoscaling: { enabled: true, minReplicas: 7 }':
    'autoscaling.minReplicas 7 is over autoscaling.maxReplicas 6',
  '{ autoscaling: { enabled: true }, resources: { limits: { cpu: null } } }':
    'autoscaling.enabled needs resources.limits.cpu',
  'autoscaling: { enabled: true, targetLoad: 0.75 }':
    'autoscaling.targetLoad 0.75 is not below MEDIA_BOT_LOAD_THRESHOLD 0.75',
  'resources: { requests: { cpu: 1500m } }':
    'resources.requests.cpu 1500m is over resources.limits.cpu 1',
  'resources: { requests: { memory: 1Gi } }':
    'resources.requests.memory 1Gi is over resources.limits.memory 512Mi',
  'resources: { requests: { memory: 1Mi }, limits: { memory: 381Mi } }':
    'resources.limits.memory is 381Mi: MEDIA_BOT_NUM_IDLE_PROCESSES 2 and MEDIA_BOT_ASSET_CACHE_MB 24 need 382Mi',
  'settings: { MEDIA_BOT_NUM_IDLE_PROCESSES: 4 }': 'need 660Mi before the first call',
};

/** The same, put right. */
const CONSISTENT: readonly string[] = [
  'terminationGracePeriodSeconds: 615',
  '{ terminationGracePeriodSeconds: 15, settings: { MEDIA_BOT_DRAIN_SECONDS: 0 } }',
  '{ replicas: 1, podDisruptionBudget: { enabled: false } }',
  '{ autoscaling: { enabled: true, minReplicas: 6 } }',
  '{ autoscaling: { enabled: true, targetLoad: 0.74 } }',
  '{ resources: { limits: { cpu: null } } }',
  '{ resources: { requests: { memory: 382Mi }, limits: { memory: 382Mi } } }',
  '{ resources: { limits: { memory: 1Gi } }, settings: { MEDIA_BOT_NUM_IDLE_PROCESSES: 4 } }',
  '{ metrics: { port: null }, webhook: { port: null } }',
  '{ metrics: { port: null }, webhook: { port: 9090 } }',
  'global: { anything: true }',
];

/** Values of a wrong form, and the place that is named. */
const MALFORMED: Readonly<Record<string, string>> = {
  'replica: 2': 'replica',
  'image: { sha: abc }': 'sha',
  'settings: { MEDIA_BOT_GIAN: 1 }': 'MEDIA_BOT_GIAN',
  'settings: { MEDIA_BOT_GAIN: 2 }': 'MEDIA_BOT_GAIN',
  'metrics: { port: http }': 'port',
  'podMonitor: { interval: often }': 'interval',
  'resources: { limit: {} }': 'limit',
  'resources: { limits: { memory: 512MB } }': 'memory',
  'autoscaling: { targetCPU: 50 }': 'targetCPU',
  'podDisruptionBudget: { maxUnavailable: 1 }': 'maxUnavailable',
  'networkPolicy: { livekitPorts: [{ protocol: TCP, port: 1, name: x }] }': 'name',
  'networkPolicy: { metricsPeers: [{ podselector: {} }] }': 'podselector',
  'webhook: { port: 0 }': 'port',
  'webhook: { peers: [] }': 'peers',
  'networkPolicy: { webhookPeers: [{ podselector: {} }] }': 'podselector',
  'networkPolicy: { privateHosts: [{ cidr: 10.0.0.1, port: 80 }] }': 'cidr',
  'networkPolicy: null': 'networkPolicy',
  'tolerations: [{ kee: a }]': 'kee',
  'podLabels: { a: 1 }': 'podLabels',
  'name: Not_A_Name': 'name',
};

describe('the chart', () => {
  const helm = useHelm();

  for (const [values, words] of Object.entries(CONTRADICTIONS)) {
    it(`should refuse in words: ${values}`, () => {
      expect(helm.refusal(values)).to.include(words);
    });
  }

  for (const values of CONSISTENT) {
    it(`should take: ${values}`, () => {
      expect(helm.refusal(values)).to.equal(undefined);
    });
  }

  for (const [values, place] of Object.entries(MALFORMED)) {
    it(`should refuse by its schema: ${values}`, () => {
      expect(helm.refusal(values))
        .to.match(/schema/)
        .and.to.include(place);
    });
  }
});
