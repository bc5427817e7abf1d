/** What the server says of Services. Source: Kubernetes 1.34.1, pkg/registry/core/service Strategy, by running it. */
import { expect, test } from 'vitest';
import { applyDefaults } from '../../../core/types/defaults/defaults.ts';
import { isCidr } from '../../../core/types/ip-address.ts';
import type { KubeObject } from '../../../core/types/object.ts';
import { SERVICES } from '../../../core/types/resource-type.ts';
import { validateCreate } from '../../../core/types/validation/validate.ts';

type Json = Readonly<Record<string, unknown>>;
const INVALID = 'FieldValueInvalid';
const FORBIDDEN = 'FieldValueForbidden';
const ports = [{ port: 80 }];
const balanced = { type: 'LoadBalancer', ports };

test.each<[Json, readonly string[]]>([
  [{ ports, clusterIP: '10.96.0.9' }, []],
  [{ ports, clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.8'] }, [`clusterIPs ${INVALID}`]],
  [{ ports, clusterIPs: ['10.96.0.8'] }, [`clusterIPs ${INVALID}`]],
  [{ ports, clusterIP: 'None', clusterIPs: ['None', '10.96.0.8'] }, [`clusterIPs ${INVALID}`]],
  [{ ports, clusterIP: 'a' }, [`clusterIPs[0] ${INVALID}`]],
  [{ ports, clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9', '10.96.0.8'] }, [`clusterIPs ${INVALID}`]],
  [
    { ports, clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9', '::1'], ipFamilies: ['IPv6'] },
    [`clusterIPs[0] ${INVALID}`],
  ],
  [{ ports, clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9', '::1', '10.96.0.8'] }, [`clusterIPs ${INVALID}`]],
  [{ ports, ipFamilies: ['IPv4', 'IPv4'] }, ['ipFamilies[1] FieldValueDuplicate']],
  [{ ports, ipFamilyPolicy: '' }, ['ipFamilyPolicy FieldValueNotSupported']],
  [{ ports: [{ ...ports[0], nodePort: 30_001 }] }, [`ports[0].nodePort ${FORBIDDEN}`]],
  [
    { type: 'NodePort', ports: ['a', 'b'].map((name, i) => ({ name, port: 80 + i, nodePort: 30_001 })) },
    ['ports[1].nodePort FieldValueDuplicate'],
  ],
  [{ ports: [{ port: 0 }] }, [`ports[0].port ${INVALID}`, `ports[0].targetPort ${INVALID}`]],
  [{ ports: [{ port: 80, appProtocol: 'a b' }] }, [`ports[0].appProtocol ${INVALID}`]],
  [{ ports, externalIPs: ['a'] }, [`externalIPs[0] ${INVALID}`]],
  [{ ports, externalTrafficPolicy: 'Local' }, [`externalTrafficPolicy ${INVALID}`]],
  [{ ports, externalTrafficPolicy: 'Local', externalIPs: ['1.2.3.4'] }, []],
  [{ ports, loadBalancerClass: 'a' }, [`loadBalancerClass ${FORBIDDEN}`]],
  [{ ports, allocateLoadBalancerNodePorts: true }, [`allocateLoadBalancerNodePorts ${FORBIDDEN}`]],
  [{ ports, loadBalancerSourceRanges: ['10.0.0.0/8'] }, [`LoadBalancerSourceRanges ${FORBIDDEN}`]],
  [{ ...balanced, loadBalancerSourceRanges: [' 10.0.0.0/8 '], loadBalancerClass: 'a.io/b' }, []],
  [{ ...balanced, loadBalancerSourceRanges: ['10.0.0.0'] }, [`LoadBalancerSourceRanges[0] ${INVALID}`]],
  [{ ...balanced, loadBalancerClass: 'a b' }, [`loadBalancerClass ${INVALID}`]],
  [{ ...balanced, healthCheckNodePort: 30_002 }, [`healthCheckNodePort ${INVALID}`]],
  [{ ...balanced, externalTrafficPolicy: 'Local', healthCheckNodePort: 30_002 }, []],
  [{ ports, trafficDistribution: '' }, ['trafficDistribution FieldValueNotSupported']],
  [{ type: 'ExternalName', externalName: 'a.example.' }, []],
  [{ type: 'ExternalName', externalName: 'A' }, [`externalName ${INVALID}`]],
  [
    { type: 'ExternalName', externalName: 'a', clusterIPs: ['None'], ipFamilyPolicy: 'SingleStack' },
    [`clusterIPs ${FORBIDDEN}`, `ipFamilyPolicy ${FORBIDDEN}`],
  ],
])('a Service with %j is refused at %j', (spec, causes) => {
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'demo' }, spec };
  const error = validateCreate(SERVICES, applyDefaults(SERVICES, object as KubeObject));
  expect((error?.details?.causes ?? []).map(({ field, reason }) => `${field?.replace('spec.', '')} ${reason}`)).toEqual(
    causes,
  );
});

test.each([
  ['10.0.0.0/8', true],
  ['::/0', true],
  ['10.0.0.0/33', false],
  ['10.0.0.0', false],
  ['a/8', false],
  ['::/129', false],
])('%s as a range of addresses: %s', (text, expected) => {
  expect(isCidr(text)).toBe(expected);
});
