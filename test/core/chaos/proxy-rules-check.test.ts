/**
 * The rule of KP2 is written apart from the proxy's; both must choose the same endpoints.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wantedRules } from '../../../core/chaos/predicates/proxy-rules-check.ts';
import { chooseEndpoints } from '../../../core/node/endpoint-choice.ts';
import type { Endpoint } from '../../../core/types/endpoint-slice.ts';
import type { Service } from '../../../core/types/service.ts';

const place = fc.constantFrom('a', 'b', 'c');
const flag = fc.option(fc.boolean(), { nil: undefined });
const hints = fc.option(
  fc.record({
    forZones: fc.option(
      fc.array(
        place.map((name) => ({ name })),
        { maxLength: 2 },
      ),
      { nil: undefined },
    ),
    forNodes: fc.option(
      fc.array(
        place.map((name) => ({ name })),
        { maxLength: 2 },
      ),
      { nil: undefined },
    ),
  }),
  { nil: undefined, freq: 4 },
);
const endpoint: fc.Arbitrary<Endpoint> = fc.record({
  addresses: fc.array(
    fc.integer({ min: 1, max: 250 }).map((n) => `10.0.0.${n}`),
    { minLength: 1, maxLength: 1 },
  ),
  conditions: fc.option(fc.record({ ready: flag, serving: flag, terminating: flag }), { nil: undefined }),
  nodeName: place,
  zone: place,
  hints,
});

describe('KP2', () => {
  it('wants what the proxies choose, for any endpoints, mode and node', () => {
    const mode = fc.constantFrom('default' as const, 'same-node' as const, 'same-zone' as const);
    const zone = fc.constantFrom('', 'a', 'b');
    fc.assert(
      fc.property(
        fc.array(endpoint, { maxLength: 6 }),
        fc.boolean(),
        mode,
        place,
        zone,
        (endpoints, local, m, node, z) => {
          const service = {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: 'web' },
            spec: { internalTrafficPolicy: local ? 'Local' : 'Cluster' },
          } as Service;
          const chosen = chooseEndpoints({ version: 1, service, endpoints }, m, node, z);
          expect(wantedRules(endpoints, local, m, node, z)).toEqual(
            chosen.flatMap(({ addresses }) => addresses).sort(),
          );
        },
      ),
      { seed: 20261121, numRuns: 2000 },
    );
  });
});
