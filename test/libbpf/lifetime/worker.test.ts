/** Worker threads: each has objects of its own, and may end at any moment. */

import { expect, it } from 'vitest';
import { ended } from './child.js';

it.each([
  ['readTogether', '1225,1225,1225,1225'],
  ['endedWhileRecordsArrive', 'all ended'],
  ['statisticsOfEndedWorker', '1 0'],
  ['loadedByWorkersOnly', '1 poller'],
  ['exitWhileOneWaits', ''],
])('%s', (scene, output) => {
  expect(ended('workers', scene)).toEqual({ status: 0, signal: null, errors: '', output });
});
