import { test } from 'vitest';
import { ControllerHarness } from '../../../support/controller-harness.ts';
import { DEPLOYMENTS } from '../../../../core/types/resource-type.ts';
import { Dispatcher } from '../../../../core/client/dispatcher.ts';
let spent = 0; let kcm: any = null;
const orig = Dispatcher.prototype.receive;
Dispatcher.prototype.receive = function (...a: any[]) { if (this.ctx.name !== 'controller-manager-0') return (orig as any).apply(this, a); const t = performance.now(); const r = (orig as any).apply(this, a); spent += performance.now() - t; return r; };
function go(n: number, qps: number) {
  const h = new ControllerHarness({ nodes: 20, qps, burst: qps, events: false, immediate: true });
  spent = 0; const t = performance.now();
  for (let d = 0; d < 2; d++) h.create(DEPLOYMENTS, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'w' + d, namespace: 'default' }, spec: { replicas: n / 2, selector: { matchLabels: { app: 'w' + d } }, template: { metadata: { labels: { app: 'w' + d } }, spec: { containers: [{ name: 'a', image: 'i' }] } } } });
  const done = (d: number) => (h.api.call(1, DEPLOYMENTS, { name: 'w' + d }).object as any).status?.availableReplicas === n / 2;
  for (let i = 0; i < 1000 && !(done(0) && done(1)); i++) h.run(1_000_000);
  console.log(n, qps, 'virtual s', h.api.sim.now / 1e6, 'host ms', Math.round(performance.now() - t), 'kcm ms', Math.round(spent), 'us/pod', (spent * 1000 / n).toFixed(2));
}
test('x', () => { go(2000, 5000); go(2000, 5000); go(10000, 500); go(10000, 100000); go(20000,100000); go(40000, 100000); }, 120000);
