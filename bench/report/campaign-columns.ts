/** The columns of a campaign's table, for the terminal and for the page. */
import type { Column } from './table.ts';

export const CAMPAIGN_COLUMNS: readonly Column[] = [
  { title: 'scenario' },
  { title: 'expected' },
  { title: 'came out' },
  { title: 'cases', align: 'right' },
  { title: 'recovery p50', align: 'right' },
  { title: 'max', align: 'right' },
  { title: 'pod start p50', align: 'right' },
  { title: 'p99', align: 'right' },
  { title: 'pods', align: 'right' },
  { title: 'events', align: 'right' },
];
