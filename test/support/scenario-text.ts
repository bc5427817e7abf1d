/**
 * Small scenario files for tests of the command line: fast (a few hundred ms for all seeds), one idea each.
 */

/** The parts of a scenario file as the tests of the reader put them together. */
export const TEST_HEAD = `apiVersion: seatrial/v1
kind: Scenario
metadata: {name: test}
about: A test.
`;
export const TEST_CLUSTER = `cluster:
  nodes: {count: 3, zones: [a, b, c]}
`;
export const TEST_APP = `workload:
  objects:
    - {apiVersion: apps/v1, kind: Deployment,
      metadata: {name: web, namespace: demo},
      spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}
`;

const HEAD = (name: string, about: string) => `apiVersion: seatrial/v1
kind: Scenario
metadata: {name: ${name}}
about: ${about}
`;

const DEPLOYMENT = (replicas: number, cpu: string) => `workload:
  objects:
    - apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: default}
      spec:
        replicas: ${replicas}
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec: {containers: [{name: main, image: "web:1", resources: {requests: {cpu: ${cpu}}}}]}
`;

/** A Deployment, and a node crash for a minute; the twin is without it. Passes. */
export const CRASH_SCENARIO = `${HEAD('small-crash', 'One node of four is away for a minute.')}cluster:
  nodes: {count: 4, zones: [a, b]}
${DEPLOYMENT(4, '100m')}faults: [{id: f1, kind: node-crash, target: {hosting: Deployment/default/web, mode: one}, at: 40s, for: 60s}]
phases: {warmUp: 20s, safety: 100s, liveness: {stable: 30s}}
twin: {patch: {faults: []}, expect: pass}
`;

/** Pods that fit on no node, without an excuse: fails X1 or RS1, although `pass` is expected. */
export const NO_ROOM_SCENARIO = `${HEAD('no-room', 'A pod asks for more than any node has.')}cluster:
  nodes: {count: 2}
${DEPLOYMENT(1, '"64"')}phases: {warmUp: 10s, safety: 10s, liveness: {stable: 30s}}
`;

/** The same with the excuse that explains it. */
export const EXCUSED_SCENARIO = `${NO_ROOM_SCENARIO.replaceAll('no-room', 'excused')}checks: {excuses: [no-feasible-node]}
`;

/** A pod and many nodes, so that one case takes minutes of host time. */
export const LONG_SCENARIO = `${HEAD('long', 'A thousand nodes, a day.')}cluster:
  nodes: {count: 1000}
  settings: {cohorts: false}
${DEPLOYMENT(1, '100m')}phases: {warmUp: 10s, safety: 24h, liveness: {stable: 30s}}
`;

/** Five mistakes. */
export const WRONG_SCENARIO = `${HEAD('wrong', 'Everything is wrong.')}cluster:
  nodes: {count: 3, zones: [a]}
  controlPlane: {storeMembers: 2}
faults:
  - {id: f1, kind: node-crsh, target: {node: node-0}, at: 1s}
  - {id: f2, kind: node-crash, target: {node: node-7}, at: 30}
  - {id: f3, kind: node-crash, target: {zone: b}, at: 1s}
phases: {warmup: 5s}
`;

/** Ordinary manifests with one weakness: a single replica behind a Service. */
export const SINGLE_REPLICA = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1", resources: {requests: {cpu: 100m, memory: 64Mi}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;
