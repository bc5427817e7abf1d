/**
 * Begins the script of a page without a replay.
 */
import { startCopy } from './copy.ts';
import { startPrint } from './print.ts';
import { startTheme } from './theme.ts';

startTheme(() => {});
startCopy();
startPrint();
