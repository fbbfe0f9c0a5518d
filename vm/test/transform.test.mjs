// SPDX-License-Identifier: Apache-2.0

import { test } from 'node:test';
import { transformSuites } from '../transform.mjs';
import { leavesNothing } from './traces.mjs';

test('transforming the suites leaves none of the temporary folders that they make', () =>
  leavesNothing(() => transformSuites()));
