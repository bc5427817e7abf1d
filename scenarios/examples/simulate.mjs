// Runs one scenario from a program: three replicas, one of six nodes loses power for five minutes.
// Run it beside an installed seatrial: node simulate.mjs
import { simulate } from 'seatrial';

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [{ name: 'web', image: 'registry.example/web:1', resources: { requests: { cpu: '100m' } } }],
      },
    },
  },
};

const result = simulate(
  {
    apiVersion: 'seatrial/v1',
    kind: 'Scenario',
    metadata: { name: 'one-node-lost' },
    about: 'The node that hosts a pod of web loses power for five minutes.',
    cluster: { nodes: { count: 6, zones: ['a', 'b', 'c'] } },
    workload: { objects: [web] },
    faults: [{ kind: 'node-crash', target: { hosting: 'Deployment/default/web', mode: 'one' }, at: '60s', for: '5m' }],
    phases: { warmUp: '60s', safety: '6m' },
  },
  { seed: 7 },
);

const print = (line) => process.stdout.write(`${line}\n`);
const seconds = (us) => `${(us / 1_000_000).toFixed(1)} s`;
print(`verdict: ${result.verdict}`);
print(`short of Ready pods for: ${result.recoveryUs.map(seconds).join(', ')} of virtual time`);
print(`fewest Ready pods: ${Math.min(...result.series.podsReady.slice(result.series.podsReady.indexOf(3)))}`);
print(`digest: ${result.digest}`);
