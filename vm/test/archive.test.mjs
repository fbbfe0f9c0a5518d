// SPDX-License-Identifier: Apache-2.0
// Which archive packages come from.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { debianSource } from '../archive.mjs';

test("debianSource takes the mirror of the machine's own sources", () => {
  assert.match(debianSource('Debian', 'trixie'), /^URIs: \S+:\/\S+$/m);
  assert.match(debianSource('Debian-Security', 'trixie-security'), /^Suites: trixie-security$/m);
});

test('debianSource says what to add where the sources name no such archive', () => {
  assert.throws(() => debianSource('Nobody', 'trixie'), {
    name: 'Fault',
    message: /name no archive with the label Nobody.*\n.*apt-get update/,
  });
});
