/**
 * Manifests for tests of the trial: texts in, inventory out.
 */
import { type Inventory, takeInventory } from '../../bench/trial/inventory.ts';
import { readManifests } from '../../scenarios/manifests.ts';
import { ProblemList } from '../../scenarios/problem.ts';

/** What a Deployment is made of; everything else has defaults. */
export interface DeploymentText {
  readonly name: string;
  readonly replicas?: number;
  /** More lines of the spec, indented by two. */
  readonly spec?: string;
  /** More lines of the pod spec, indented by six. */
  readonly pod?: string;
  readonly requests?: string;
}

/** A Deployment in namespace `demo` whose pods are labelled `app: NAME`. */
export function deploymentText({
  name,
  replicas = 3,
  spec = '',
  pod = '',
  requests = '{cpu: 100m}',
}: DeploymentText): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: demo}
spec:
  replicas: ${replicas}
${spec}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
${pod}
      containers:
        - {name: main, image: 'example/${name}:1', resources: {requests: ${requests}}}
`;
}

/** An object of one line of YAML. */
export function objectText(apiVersion: string, kind: string, name: string, rest = ''): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: demo}\n${rest}\n`;
}

/** The inventory of documents; throws when they have errors. */
export function inventoryOf(...documents: readonly string[]): Inventory {
  const problems = new ProblemList();
  const manifests = readManifests([{ file: 'test.yaml', text: documents.join('---\n') }], problems);
  const inventory = takeInventory(manifests, problems);
  problems.throwIfErrors();
  return inventory;
}
